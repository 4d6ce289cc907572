internal import Events
import Ledger
import TestSupport
import Testing

@testable import Projections

@Suite("Disabled jobs", .temporaryDirectory)
struct DisabledJobsTests {
  private let writer: LedgerWriter

  init() throws { writer = try LedgerWriter(TemporaryDirectory.ledger) }

  private func disable(_ pattern: String, until: WallTime? = nil, at: WallTime = 10) throws {
    try append(.jobDisabled, JobSwitch(pattern: pattern, until: until), at: at)
  }

  private func enable(_ pattern: String) throws {
    try append(.jobEnabled, JobSwitch(pattern: pattern))
  }

  private func append(_ kind: EventKind, _ wish: JobSwitch, at: WallTime = 10) throws {
    try writer.append([
      NewEvent(at: at, mono: 1, job: nil, instance: nil, kind: kind, data: wish.json)
    ])
  }

  private func disabled() throws -> DisabledJobs { try DisabledJobs(reader: writer.reader) }

  private func pattern(for job: String, at time: WallTime = 100) throws -> String? {
    try disabled().entry(for: job, at: time)?.pattern
  }

  @Test func `are none in a ledger that tells of none, however many runs it has`() throws {
    var corpus = Corpus(for: "disabled jobs")
    try corpus.append(300, to: writer)
    try expect(disabled(), is: DisabledJobs())
    try expect(pattern(for: "x")) { $0 == nil }
  }

  @Test(arguments: [
    ("backup", "backup", true), ("backup", "backup2", false), ("back", "backup", false),
    ("back*", "backup", true), ("back*", "a backup", false), ("*", "anything", true),
    ("b[ax]ckup", "backup", true), ("echo *", "echo *", true), ("echo *", "echo a", true),
    ("a@b", "a@b", true), ("job@06h0d1qcrty15cmk", "job", false), ("", "job", false),
  ])
  func `are those that a pattern matches as a job id`(
    pattern: String, job: String, isDisabled: Bool
  ) throws {
    try disable(pattern)
    try expect(self.pattern(for: job), is: (isDisabled ? pattern : nil))
  }

  @Test func `may run again once exactly that pattern is enabled`() throws {
    try disable("back*")
    try disable("backup")
    try enable("b*")
    try expect(pattern(for: "backup"), is: "backup", "the one that names it exactly")
    try enable("backup")
    try expect(pattern(for: "backup"), is: "back*")
    try expect(disabled().entry(ofPattern: "backup", at: 100)) { $0 == nil }
    try expect(disabled().entry(ofPattern: "back*", at: 100)) { $0 != nil }
    try enable("back*")
    try expect(pattern(for: "backup")) { $0 == nil }
    try expect(disabled(), is: DisabledJobs())
    try disable("backup")
    try expect(pattern(for: "backup"), is: "backup")
  }

  @Test func `may run again when the time is over, to the microsecond`() throws {
    try disable("a", until: 1000)
    try expect(pattern(for: "a", at: 999), is: "a")
    try expect(pattern(for: "a", at: 1000)) { $0 == nil }
    try expect(disabled().inForce(at: 1000)) { $0.isEmpty }
    try disable("a", until: 2000, at: 20)
    try expect(disabled().inForce(at: 1500).map(\.at), is: [20], "the later word")
    try disable("a")
    try expect(pattern(for: "a", at: WallTime(microseconds: .max)), is: "a")
  }

  @Test func `are listed in the order in which it was asked, with who and why`() throws {
    try disable("b", at: 1)
    try disable("a", at: 2)
    var wish = JobSwitch(pattern: "c", until: 50)
    wish.by.user = "ann"
    wish.by.reason = "the tape is full"
    try append(.jobDisabled, wish, at: 3)
    try disable("b", at: 4)
    let entries = try disabled().inForce(at: 49)
    #expect(entries.map(\.disabled.pattern) == ["a", "c", "b"])
    #expect(entries.map(\.at) == [2, 3, 4])
    try expect(entries.at(1).disabled, is: wish)
  }

  @Test func `of data of another shape disable nothing by accident`() throws {
    try writer.append([
      NewEvent(at: 1, mono: 1, job: nil, instance: nil, kind: .jobDisabled, data: .array([1, 2]))
    ])
    try expect(pattern(for: "job")) { $0 == nil }
  }

  @Test func `are read inside the turn that decides by them`() throws {
    try disable("a")
    let found = try writer.turn(durable: false) { turn throws(LedgerError) in
      try turn.append(
        NewEvent(
          at: 1, mono: 1, job: nil, instance: nil, kind: .jobDisabled,
          data: JobSwitch(pattern: "b").json))
      return try DisabledJobs(reader: writer.reader)
    }
    #expect(found.entry(for: "a", at: 0) != nil)
    #expect(found.entry(for: "b", at: 0) != nil)
  }
}
