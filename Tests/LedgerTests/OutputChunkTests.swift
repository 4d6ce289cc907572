import Digests
internal import Events
import Ledger
import TestSupport
import Testing

@Suite struct OutputChunkTests {
  private func runs(_ random: inout SeededGenerator) -> [OutputSegment] {
    var offset: Int64 = 0
    return (0..<Int.random(in: 0...40, using: &random)).map { _ in
      offset += Int64.random(
        in: 0...(1 << Int64.random(in: 0...40, using: &random)), using: &random)
      return OutputSegment(
        stream: Bool.random(using: &random) ? .stdout : .stderr, offset: offset,
        length: Int.random(in: 0...(1 << Int.random(in: 0...16, using: &random)), using: &random))
    }
  }

  private func text(_ count: Int, _ random: inout SeededGenerator) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: 0x61 + random.next() % 4) }
  }

  private func decode(_ encoded: EncodedOutput) -> OutputChunk? {
    decode(encoded, encoded.codec.rawValue, encoded.size, encoded.runs, encoded.data)
  }

  private func decode(
    _ encoded: EncodedOutput, _ codec: Int64, _ size: Int, _ runs: [UInt8], _ data: [UInt8]
  ) -> OutputChunk? {
    data.withUnsafeBytes {
      OutputChunk(codec: codec, size: Int64(size), runs: runs, data: $0)
    }
  }

  private func encode(_ bytes: [UInt8], _ runs: [OutputSegment]) -> EncodedOutput {
    bytes.withUnsafeBytes { EncodedOutput($0, runs: runs) }
  }

  @Test func `runs come back as they were`() {
    var random = SeededGenerator(for: "output chunks")
    for round in 0..<500 {
      let runs = runs(&random)
      let total = runs.reduce(0) { $0 + $1.length }
      let encoded = SegmentCodec.encode(runs)
      #expect(SegmentCodec.decode(encoded, total: total) == runs, "round \(round)")
      #expect(SegmentCodec.decode(encoded, total: total + 1) == nil, "round \(round)")
    }
  }

  @Test func `runs keep times and lengths at the limits`() {
    let runs = [
      OutputSegment(stream: .stderr, offset: 0, length: 0),
      OutputSegment(stream: .stdout, offset: .max, length: Int.max >> 1),
    ]
    #expect(SegmentCodec.decode(SegmentCodec.encode(runs), total: Int.max >> 1) == runs)
    #expect(SegmentCodec.encode([]) == [])
    #expect(SegmentCodec.decode([], total: 0) == [])
    #expect(SegmentCodec.decode([], total: 1) == nil)
  }

  @Test func `a clock that steps back within a chunk counts as standing still`() {
    let runs = [
      OutputSegment(stream: .stdout, offset: 100, length: 1),
      OutputSegment(stream: .stdout, offset: 50, length: 1),
    ]
    #expect(SegmentCodec.decode(SegmentCodec.encode(runs), total: 2)?.map(\.offset) == [100, 100])
  }

  @Test func `the streams can be read apart and together`() throws {
    let encoded = encode(
      Array("outERRmore".utf8),
      [
        OutputSegment(stream: .stdout, offset: 0, length: 3),
        OutputSegment(stream: .stderr, offset: 10, length: 3),
        OutputSegment(stream: .stdout, offset: 20, length: 4),
      ])
    let chunk = try #require(decode(encoded))
    #expect(chunk.bytes == Array("outERRmore".utf8))
    #expect(chunk.bytes(of: .stdout) == Array("outmore".utf8))
    #expect(chunk.bytes(of: .stderr) == Array("ERR".utf8))
  }

  @Test func `text is compressed and what is not compressible is stored raw`() throws {
    let text = [UInt8](repeating: 0x61, count: 100_000)
    let run = [OutputSegment(stream: .stdout, offset: 0, length: 100_000)]
    let compressed = encode(text, run)
    #expect(compressed.codec == .lz4)
    #expect(compressed.data.count < 1000)
    #expect(decode(compressed)?.bytes == text)

    let noise = try Files.randomBytes(100_000)
    let raw = encode(noise, run)
    #expect(raw.codec == .raw)
    #expect(raw.data == noise)
    #expect(decode(raw)?.bytes == noise)
    #expect(raw.payload == Digest(of: noise))
    #expect(compressed.payload == Digest(of: text))

    let empty = encode([], [])
    #expect(empty.codec == .raw)
    #expect(decode(empty)?.bytes == [])
  }

  @Test func `every truncation of a stored chunk is found`() {
    var random = SeededGenerator(for: "output chunks")
    let bytes = text(600, &random)
    let encoded = encode(
      bytes,
      [
        OutputSegment(stream: .stdout, offset: 0, length: 200),
        OutputSegment(stream: .stderr, offset: 300, length: 400),
      ])
    #expect(encoded.codec == .lz4)
    for count in 0..<encoded.data.count {
      let data = Array(encoded.data[..<count])
      #expect(decode(encoded, 1, 600, encoded.runs, data) == nil, "data of \(count)")
      #expect(decode(encoded, 0, 600, encoded.runs, data) == nil, "raw of \(count)")
    }
    for count in 0..<encoded.runs.count {
      let runs = Array(encoded.runs[..<count])
      #expect(decode(encoded, 1, 600, runs, encoded.data) == nil, "runs of \(count)")
    }
  }

  @Test func `every flipped byte is found by decoding or by the digest`() {
    var random = SeededGenerator(for: "output chunks")
    let bytes = text(600, &random)
    let encoded = encode(bytes, [OutputSegment(stream: .stdout, offset: 0, length: 600)])
    for index in encoded.data.indices {
      for change: UInt8 in [0x01, 0x80, 0xff] {
        var data = encoded.data
        data[index] ^= change
        guard let chunk = decode(encoded, 1, 600, encoded.runs, data) else { continue }
        #expect(chunk.bytes.count == 600)
        #expect(
          chunk.bytes == bytes || Digest(of: chunk.bytes) != encoded.payload,
          "byte \(index)")
      }
    }
    for index in encoded.runs.indices {
      for change: UInt8 in [0x01, 0x80, 0xff] {
        var runs = encoded.runs
        runs[index] ^= change
        let lengths = decode(encoded, 1, 600, runs, encoded.data)?.runs.map(\.length)
        #expect(lengths == nil || lengths?.reduce(0, +) == 600)
      }
    }
  }

  @Test func `what claims to be another codec or size is refused`() {
    let encoded = encode([1, 2, 3], [OutputSegment(stream: .stdout, offset: 0, length: 3)])
    #expect(decode(encoded, 2, 3, encoded.runs, encoded.data) == nil)
    #expect(decode(encoded, -1, 3, encoded.runs, encoded.data) == nil)
    #expect(decode(encoded, 0, -1, encoded.runs, encoded.data) == nil)
    #expect(decode(encoded, 1, 3, encoded.runs, encoded.data) == nil)
    let huge = Int(OutputChunk.maximumSize) + 1
    let claim = SegmentCodec.encode([OutputSegment(stream: .stdout, offset: 0, length: huge)])
    #expect(decode(encoded, 1, huge, claim, encoded.data) == nil)
    #expect(decode(encoded, 1, .max, claim, encoded.data) == nil)
  }
}
