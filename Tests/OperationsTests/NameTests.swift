internal import Events
import Ledger
internal import Operations
internal import Projections
import TestSupport
import Testing

@testable import Operations

@Suite("A name", .temporaryDirectory)
struct NameTests {
  private let view: LedgerSession

  init() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    view = try LedgerSession(TemporaryDirectory.ledger)
    let instances = [
      ("1111000000000000", "backup"), ("1111222200000000", "backup"), ("2222000000000000", "a@b"),
      ("3333000000000000", "1111"), ("4444000000000000", "with blank"),
      ("5555000000000000", "backup@1111000000000000"), ("6666000000000000", ""),
    ]
    for (id, job) in instances {
      try History.append(id, job: job, .skipped, to: writer)
    }
  }

  @Test(arguments: [
    // The newest of a job.
    ("backup", "1111222200000000"), ("a@b", "2222000000000000"),
    ("with blank", "4444000000000000"),
    // A job goes before what an instance id begins with.
    ("1111", "3333000000000000"),
    ("11112", "1111222200000000"), ("1111222200000000", "1111222200000000"),
    ("backup@1111222200000000", "1111222200000000"), ("a@b@2222000000000000", "2222000000000000"),
    ("with blank@4444000000000000", "4444000000000000"),
    // That is a job here.
    ("backup@1111000000000000", "5555000000000000"),
    ("@6666000000000000", "6666000000000000"), ("", "6666000000000000"),
  ])
  func `leads to one instance`(name: String, expected: String) throws {
    try expect(view.instance(named: name).instance.text, is: expected)
  }

  @Test(arguments: [
    "none", "111", "9999", "backup@2222000000000000", "backup@1111", "back*", "b@", "@",
    "11110000000000000",
  ])
  func `that nothing has is told`(name: String) throws {
    do {
      let record = try view.instance(named: name)
      Issue.record("found \(record.name)")
    } catch LedgerSession.NameError.nothing(let missing) {
      #expect(missing == name)
    }
  }

  @Test func `that several begin with lists them, newest first`() throws {
    do {
      let record = try view.instance(named: "11110")
      #expect(record.instance.text == "1111000000000000")
      let writer = try LedgerWriter(TemporaryDirectory.ledger)
      try History.append("1111022200000000", job: "b", .skipped, to: writer)
      _ = try view.instance(named: "11110")
      Issue.record("two begin with 11110")
    } catch LedgerSession.NameError.ambiguous(let name, let candidates) {
      #expect(name == "11110")
      #expect(candidates.map(\.instance.text) == ["1111022200000000", "1111000000000000"])
    }
  }

  @Test func `of a run that vanished is answered after the run was closed, once`() throws {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    try History.append("7777000000000000", job: "gone", .running, to: writer)
    // Nobody holds its run file.
    try view.maintain()
    try LedgerSession(TemporaryDirectory.ledger).maintain()
    let record = try view.instance(named: "gone")
    #expect(record.state == .lost)
    #expect(record.transitions.map(\.state) == [.created, .running, .lost])
    #expect(record.ending?.evidence != nil)
  }
}
