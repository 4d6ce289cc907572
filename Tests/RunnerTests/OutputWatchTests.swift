internal import Events
import Ledger
import Linux
import Matching
import TestSupport
import Testing

@testable import Runner

@Suite("The watch over output")
struct OutputWatchTests {
  private func watch(_ patterns: String...) throws -> OutputWatch {
    OutputWatch(try patterns.map { try RegularExpression($0) })
  }

  private func take(
    _ pieces: [(OutputStream, String)], _ watch: inout OutputWatch, isBehind: Bool = false
  ) {
    let bytes = pieces.flatMap { Array($0.1.utf8) }
    let runs = pieces.map { OutputSegment(stream: $0.0, offset: 0, length: $0.1.utf8.count) }
    bytes.withUnsafeBytes { watch.take($0, runs, isBehind: isBehind) }
  }

  @Test func `counts lines, each once, with the last of them`() throws {
    var watch = try watch("error", "^row 2$", "never")
    take([(.stdout, "error error\nrow 1\nrow 2\nan error\nrow 20\n")], &watch)
    #expect(
      watch.due() == [
        Warning(kind: .output, text: "error", count: 2, last: "an error"),
        Warning(kind: .output, text: "^row 2$", count: 1, last: "row 2"),
      ])
    watch.finish()
    #expect(watch.rest() == [])
  }

  @Test func `never mixes the lines of two streams, wherever a chunk ends`() throws {
    let pieces: [(OutputStream, String)] = [
      (.stdout, "er"), (.stderr, "ror\ner"), (.stdout, "ror\n"), (.stderr, "x\n"), (.stdout, "y"),
    ]
    for end in 0...pieces.count {
      var watch = try watch("error", "ror$", "erx", "y")
      take(Array(pieces[..<end]), &watch)
      take(Array(pieces[end...]), &watch)
      watch.finish()
      let counts = watch.rest().map { "\($0.text) \($0.count) \($0.last ?? "")" }
      #expect(counts == ["error 1 error", "ror$ 2 error", "erx 1 erx", "y 1 y"], "\(end)")
    }
  }

  @Test func `tells the first at once, the others after a while, and the rest at the end`() throws {
    var watch = try watch("error")
    #expect(watch.dueAt == nil)
    take([(.stdout, "error 1\n")], &watch)
    try expect(#require(watch.dueAt)) { $0 <= MonotonicTime.now }
    let before = MonotonicTime.now
    #expect(watch.due().map(\.count) == [1])
    #expect(watch.dueAt == nil)
    take([(.stdout, "error 2\nerror 3\n")], &watch)
    try expect(#require(watch.dueAt)) { $0 >= before + 1_000_000 }
    watch.finish()
    #expect(
      watch.rest() == [Warning(kind: .output, text: "error", count: 3, last: "error 3")])
    #expect(watch.rest() == [])
  }

  @Test func `keeps 500 bytes of a line, and a line without an end counts at the end`() throws {
    var watch = try watch("x+")
    take([(.stdout, String(repeating: "x", count: 600))], &watch)
    #expect(watch.due() == [])
    watch.finish()
    #expect(watch.rest().map(\.last) == [String(repeating: "x", count: 500)])
  }

  @Test
  func `is over soon, whatever the pattern and the lines, and says what it did not look at`() throws
  {
    var watch = try watch("(a+)+$", "b")
    let line = String(repeating: "a", count: 2000) + "b\n"
    for isBehind in [false, true] {
      let before = Clock.threadMicroseconds()
      take([(.stdout, String(repeating: line, count: 128))], &watch, isBehind: isBehind)
      // A tenth of a second is allowed; without a limit it takes years.
      #expect(Clock.threadMicroseconds() - before < 3_000_000)
    }
    watch.finish()
    #expect(watch.unmatchedBytes > 0)
    let warnings = watch.rest()
    #expect(warnings.first?.text == "(a+)+$")
    #expect(warnings.first?.count == 0)
    #expect(warnings.first?.unmatchedBytes == watch.unmatchedBytes)
  }

  @Test func `leaves one of many warnings that the ledger cannot take`() {
    func event(_ text: String, _ count: Int64) -> NewEvent {
      let data =
        count == 0
        ? JSON.object([]) : Warning(kind: .output, text: text, count: count).json
      return NewEvent(
        at: 0, mono: 0, job: nil, instance: nil, kind: count == 0 ? .status : .warning, data: data)
    }
    var backlog = [event("a", 1), event("b", 1), event("", 0)]
    backlog.removeWarnings(like: event("a", 2))
    #expect(backlog.map(\.data) == [event("b", 1).data, "{}"])
    backlog.removeWarnings(like: event("", 0))
    #expect(backlog.count == 2)
  }

  @Test func `counts what could not be taken in as not looked at`() throws {
    var watch = try watch("error")
    take([(.stdout, "an er")], &watch)
    var lost = OutputTotals()
    lost.stdoutBytes = 1000
    watch.miss(lost)
    take([(.stdout, "ror\nerror\n"), (.stderr, "error\n")], &watch)
    watch.finish()
    #expect(
      watch.rest() == [
        Warning(kind: .output, text: "error", count: 2, last: "error", unmatchedBytes: 1008)
      ])
  }
}
