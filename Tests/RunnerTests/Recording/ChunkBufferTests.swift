internal import Events
internal import Ledger
internal import TestSupport
import Testing

@testable import Runner

@Suite("A chunk buffer")
struct ChunkBufferTests {
  private func append(_ text: String, _ stream: OutputStream, to buffer: ChunkBuffer) {
    buffer.free.copyBytes(from: Array(text.utf8))
    buffer.append(text.utf8.count, stream)
  }

  @Test func `keeps bytes in order of arrival, and which stream they are of`() {
    let buffer = ChunkBuffer()
    #expect(buffer.isEmpty)
    append("one\n", .stdout, to: buffer)
    append("two\nthree", .stderr, to: buffer)
    append("four\n", .stdout, to: buffer)
    #expect(String(decoding: buffer.bytes, as: UTF8.self) == "one\ntwo\nthreefour\n")
    #expect(buffer.runs.map(\.stream) == [.stdout, .stderr, .stdout])
    #expect(buffer.runs.map(\.length) == [4, 9, 5])
    #expect(buffer.runs.first?.offset == 0)
    #expect(zip(buffer.runs, buffer.runs.dropFirst()).allSatisfy { $0.offset <= $1.offset })
    #expect(buffer.count == 18)
    #expect(buffer.at > 0)
    #expect(buffer.mono > 0)
  }

  @Test func `joins pieces of one stream that come together`() {
    let buffer = ChunkBuffer()
    for _ in 0..<1000 { append("x", .stdout, to: buffer) }
    #expect(buffer.runs.map(\.length).reduce(0, +) == 1000)
    #expect(buffer.runs.count < 1000)
  }

  @Test func `counts bytes of each stream, and line feeds`() {
    let buffer = ChunkBuffer()
    append("one\ntwo\n", .stdout, to: buffer)
    append("\n\nx", .stderr, to: buffer)
    var expected = OutputTotals()
    (expected.stdoutBytes, expected.stderrBytes, expected.lines) = (8, 3, 4)
    #expect(buffer.totals == expected)
  }

  @Test func `is as new after it was cleared, and full at its capacity`() {
    let buffer = ChunkBuffer()
    #expect(buffer.free.count == ChunkBuffer.capacity)
    buffer.append(ChunkBuffer.capacity, .stdout)
    #expect(buffer.isFull)
    #expect(buffer.free.isEmpty)
    buffer.clear()
    #expect(buffer.isEmpty)
    #expect(!buffer.isFull)
    #expect(buffer.runs.isEmpty)
    #expect(buffer.totals == OutputTotals())
    append("a", .stderr, to: buffer)
    #expect(String(decoding: buffer.bytes, as: UTF8.self) == "a")
  }

  @Test(arguments: [0, 1, 247, 248, 249, 5000])
  func `has its line feeds counted whatever the length`(count: Int) {
    for bytes in [
      [UInt8](repeating: 0x0a, count: count), [UInt8](repeating: 0x41, count: count),
      (0..<count).map { $0 % 3 == 0 ? 0x0a : 0x0b },
    ] {
      #expect(bytes.withUnsafeBytes { LineFeeds.count($0) } == bytes.count { $0 == 0x0a })
    }
  }
}
