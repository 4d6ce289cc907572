internal import Events
import Ledger
import TestSupport
import Testing

@testable import Projections

@Suite("Recorded output", .temporaryDirectory)
struct RecordedOutputTests {
  @Test(arguments: [
    [], ["one\n"], ["one"], ["one\ntwo\nthree\n"], ["one\ntwo\nthree"], ["\n"], ["\n\n\n"],
    ["one\n", "two\n", "three\n"], ["o", "ne\nt", "wo", "\n", "three"], ["one\n\n\ntwo\n\n"],
    ["\n", "\n", "x"], ["1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n"], ["\r\n", "x\r\n"],
  ])
  func `has its last lines found, wherever the chunks end`(chunks: [String]) throws {
    var history = try OutputHistory()
    for chunk in chunks {
      try history.append(chunk)
      try history.appendStatus()
    }
    try expect(history.read(), is: chunks.joined())
    for count in [0, 1, 2, 3, 10, 11, 100, .max] {
      try expect(
        history.read(lastLines: count), is: history.expected(lastLines: count), "\(count) lines")
    }
  }

  @Test func `is told apart by stream, and is otherwise as it came`() throws {
    var history = try OutputHistory()
    try history.append((.stdout, Array("out 1\nout".utf8)), (.stderr, Array("err 1\n".utf8)))
    try history.append((.stderr, Array("err 2".utf8)))
    try history.append((.stdout, Array(" 2\n".utf8)), (.stderr, Array("\nerr 3\n".utf8)))
    try expect(history.read(), is: "out 1\nouterr 1\nerr 2 2\n\nerr 3\n")
    try expect(history.read(.stdout), is: "out 1\nout 2\n")
    try expect(history.read(.stderr), is: "err 1\nerr 2\nerr 3\n")
    try expect(history.read(.stdout, lastLines: 1), is: "out 2\n")
    try expect(history.read(.stderr, lastLines: 2), is: "err 2\nerr 3\n")
  }

  @Test func `may be one line over many chunks`() throws {
    var history = try OutputHistory()
    try history.append("before\n")
    // More chunks than are read at once.
    for index in 0..<40 { try history.append(String(repeating: "x\(index % 10)", count: 30_000)) }
    try history.append("\nafter\n")
    try expect(history.read(lastLines: 1), is: "after\n")
    try expect(history.read(lastLines: 2), is: history.expected(lastLines: 2))
    try expect(history.read(lastLines: 3), is: history.expected())
  }

  @Test
  func `is read on from where a reader has stopped, without a gap and without a duplicate`() throws
  {
    var history = try OutputHistory()
    try history.append("one\ntwo\n")
    let recorded = try history.recorded(nil)
    var text = ""
    var position = try recorded.startOfLastLines(1)
    for next in ["", "three", "\n", "", "four\n"] {
      if !next.isEmpty { try history.append(next) }
      try history.appendStatus()
      position = try recorded.forEachPart(from: position) { part in
        if case .bytes(let bytes) = part { text += String(decoding: bytes, as: UTF8.self) }
      }
    }
    #expect(text == "two\nthree\nfour\n")
    try expect(recorded.end(), is: position)
  }

  @Test func `skips a damaged chunk, and says which`() throws {
    var history = try OutputHistory()
    for chunk in ["one\n", "two\n", "three\n"] { try history.append(chunk) }
    try history.damage(n: 3)
    var parts: [String] = []
    _ = try history.recorded(nil).forEachPart { part in
      switch part {
      case .bytes(let bytes): parts.append(String(decoding: bytes, as: UTF8.self))
      case .damaged(let seq): parts.append("damaged \(seq)")
      case .dropped: Issue.record("dropped")
      case .gap(let gap): Issue.record("gap: \(gap.reason)")
      }
    }
    #expect(parts == ["one\n", "damaged 3", "three\n"])
    try expect(history.read(lastLines: 1), is: "three\n")
    try expect(history.read(lastLines: 2), is: "one\nthree\n")
  }

  @Test func `of another instance is never in it`() throws {
    var history = try OutputHistory()
    try history.append("mine\n")
    let other = InstanceID(createdAt: 5_000_000)
    let bytes = Array("other\n".utf8)
    let encoded = bytes.withUnsafeBytes {
      EncodedOutput($0, runs: [OutputSegment(stream: .stdout, offset: 0, length: bytes.count)])
    }
    try history.writer.append([
      History.event(other, .state(.created)), History.event(other, .output, output: encoded),
    ])
    try history.append("mine too\n")
    try expect(history.read(), is: "mine\nmine too\n")
    try expect(history.read(lastLines: 5), is: "mine\nmine too\n")
  }

  @Test func `is what a plain array is, for any chunks, streams and number of lines`() throws {
    var random = SeededGenerator(for: "recorded output")
    var history = try OutputHistory()
    for _ in 0..<60 {
      let chunk = (0...random.below(4)).map { _ in
        (
          random.chance(60) ? OutputStream.stdout : .stderr,
          (0...random.below(30)).map { _ in random.chance(20) ? 0x0a : UInt8(97 + random.below(26))
          }
        )
      }
      try history.append(chunk)
      if random.chance(30) { try history.appendStatus() }
      for stream in [nil, OutputStream.stdout, .stderr] {
        try expect(history.read(stream), is: history.expected(stream))
        let count = random.below(12)
        try expect(
          history.read(stream, lastLines: count), is: history.expected(stream, lastLines: count))
      }
    }
  }
}
