internal import CLZ4
internal import Digests
package import Events

/// A piece of output as it was read: consecutive bytes of one stream.
package struct OutputSegment: Equatable, Sendable {
  package let stream: OutputStream
  /// Microseconds since the chunk's first byte.
  package let offset: Int64
  package let length: Int

  package init(stream: OutputStream, offset: Int64, length: Int) {
    self.stream = stream
    self.offset = offset
    self.length = length
  }
}

/// A chunk as it is stored: compressed bytes, and the runs that tell the streams apart.
package struct EncodedOutput: Equatable, Sendable {
  package enum Codec: Int64, Sendable {
    case raw = 0
    case lz4 = 1
  }

  package let codec: Codec
  /// Uncompressed size in bytes.
  package let size: Int
  package let runs: [UInt8]
  package let data: [UInt8]
  /// The SHA-256 of the uncompressed bytes: chunks may be re-packed without breaking the chain.
  package let payload: Digest

  /// As it was stored elsewhere.
  package init(_ stored: StoredChunk, codec: Codec, payload: Digest) {
    self.codec = codec
    size = Int(stored.size)
    runs = stored.runs
    data = stored.data
    self.payload = payload
  }

  /// True when the bytes are those that the payload says; decodes and hashes them.
  package var isWhole: Bool {
    let stored = StoredChunk(codec: codec.rawValue, size: Int64(size), runs: runs, data: data)
    return stored.decoded.map { Digest(of: $0.bytes) == payload } ?? false
  }

  /// Compresses and hashes; 256 KiB take about half a millisecond.
  package init(_ bytes: UnsafeRawBufferPointer, runs: [OutputSegment]) {
    size = bytes.count
    payload = unsafe Digest(of: bytes)
    self.runs = SegmentCodec.encode(runs)
    let compressed = unsafe LZ4Block.compress(bytes)
    if let compressed, compressed.count < bytes.count {
      codec = .lz4
      data = compressed
    } else {
      codec = .raw
      data = unsafe Array(bytes)
    }
  }
}

/// A chunk as it was written: the bytes in order of arrival.
package struct OutputChunk: Equatable, Sendable {
  package let bytes: [UInt8]
  package let runs: [OutputSegment]

  /// Decodes it; nil when what is stored is damaged. Nothing in it is trusted: sizes are checked before they are used.
  package init?(codec: Int64, size: Int64, runs: [UInt8], data: UnsafeRawBufferPointer) {
    guard size >= 0, size <= Self.maximumSize, let codec = EncodedOutput.Codec(rawValue: codec),
      let decodedRuns = SegmentCodec.decode(runs, total: Int(size))
    else { return nil }
    switch codec {
    case .raw:
      guard data.count == Int(size) else { return nil }
      bytes = unsafe Array(data)
    case .lz4:
      guard let decompressed = unsafe LZ4Block.decompress(data, size: Int(size)) else { return nil }
      bytes = decompressed
    }
    self.runs = decodedRuns
  }

  /// No chunk is larger; a reader refuses what claims to be.
  package static let maximumSize: Int64 = 16 << 20

  /// The bytes of one stream alone.
  package func bytes(of stream: OutputStream) -> [UInt8] {
    var result: [UInt8] = []
    var position = 0
    for run in runs {
      if run.stream == stream {
        result.append(contentsOf: bytes[position..<(position + run.length)])
      }
      position += run.length
    }
    return result
  }
}

private enum LZ4Block {
  static func compress(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    let bound = Int(LZ4_compressBound(Int32(bytes.count)))
    guard bound > 0 else { return nil }
    return unsafe [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      let written = unsafe buffer.withMemoryRebound(to: CChar.self) { target in
        unsafe bytes.withMemoryRebound(to: CChar.self) { source in
          unsafe LZ4_compress_default(
            source.baseAddress, target.baseAddress, Int32(source.count), Int32(bound))
        }
      }
      count = max(0, Int(written))
    }
  }

  static func decompress(_ data: UnsafeRawBufferPointer, size: Int) -> [UInt8]? {
    var written: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      written = unsafe buffer.withMemoryRebound(to: CChar.self) { target in
        unsafe data.withMemoryRebound(to: CChar.self) { source in
          unsafe LZ4_decompress_safe(
            source.baseAddress, target.baseAddress, Int32(source.count), Int32(size))
        }
      }
      count = max(0, Int(written))
    }
    return Int(written) == size ? bytes : nil
  }
}

/// Runs as bytes: for each the time since the run before, then length times two plus the stream, both as
/// LEB128 varints.
package enum SegmentCodec {
  package static func encode(_ runs: [OutputSegment]) -> [UInt8] {
    var bytes: [UInt8] = []
    var previous: Int64 = 0
    for run in runs {
      append(UInt64(max(0, run.offset - previous)), to: &bytes)
      append(UInt64(run.length) << 1 | UInt64(run.stream.rawValue), to: &bytes)
      previous = max(previous, run.offset)
    }
    return bytes
  }

  /// Returns nil when the bytes are no runs, or their lengths do not add up to `total`.
  package static func decode(_ bytes: [UInt8], total: Int) -> [OutputSegment]? {
    var runs: [OutputSegment] = []
    var position = 0
    var offset: Int64 = 0
    var rest = UInt64(total)
    while position < bytes.count {
      guard let wait = varint(bytes, &position), let packed = varint(bytes, &position),
        let stream = OutputStream(rawValue: UInt8(packed & 1)), packed >> 1 <= rest,
        wait <= UInt64(Int64.max - offset)
      else { return nil }
      offset += Int64(wait)
      rest -= packed >> 1
      runs.append(OutputSegment(stream: stream, offset: offset, length: Int(packed >> 1)))
    }
    return rest == 0 ? runs : nil
  }

  private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(value & 0x7f) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(value))
  }

  private static func varint(_ bytes: [UInt8], _ position: inout Int) -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < bytes.count, shift < 63 {
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    return nil
  }
}
