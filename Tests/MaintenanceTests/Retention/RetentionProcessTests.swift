internal import Events
import Glibc
internal import Ledger
import TestSupport
import Testing

/// Retention by processes that meet, and by some that are killed.
@Suite("Dropping runs by many processes", .temporaryDirectory)
struct RetentionProcessTests {
  @Test
  func `killed at whatever point, it leaves a ledger that verifies and that the next goes on with`()
    throws
  {
    var random = SeededGenerator(for: "killed retention")
    var ledger = try RetentionLedger()
    for round in 0..<8 {
      try ledger.append(25, &random)
      let worker = try LedgerWorker.start("retain", ledger.directory.path)
      _ = try worker.readLine()
      try worker.send("go")
      for _ in 0..<random.below(20) { _ = try worker.readLine() }
      _ = try worker.kill()
      try expect(ledger.problems(), is: [], "round \(round)")
    }
    try finish(ledger)
  }

  @Test func `several at once, while others append, drop everything once`() throws {
    var random = SeededGenerator(for: "retention at once")
    var ledger = try RetentionLedger()
    try ledger.append(80, &random)
    let appending = try LedgerWorker.start("append", ledger.directory.path, "150", "lazy")
    _ = try appending.readLine()
    try appending.send("go")
    let workers = try LedgerWorker.race(3, "retain", ledger.directory.path)
    // The guards of a ledger that is good never speak up meanwhile.
    for _ in 0..<5 {
      let problems = try ledger.problems()
      #expect(problems == [])
    }
    for worker in workers + [appending] { try expect(worker.wait(), is: .exited(0)) }
    try finish(ledger)
    let retained = try ledger.events().filter { $0.kind == .retained }.map { Retained($0.json) }
    let dropped = retained.filter { $0.what == .events && $0.unfinished == nil }
      .flatMap(\.instances)
    #expect(dropped.count == Set(dropped).count)
    #expect(Set(dropped) == Set(ledger.ended))
  }

  /// Goes to the end, and finds nothing left but what is live.
  private func finish(_ ledger: RetentionLedger) throws {
    let worker = try LedgerWorker.start("retain", ledger.directory.path)
    _ = try worker.readLine()
    try worker.send("go")
    try expect(worker.readAll()) { $0.hasSuffix("finished\n") }
    try expect(worker.wait(), is: .exited(0))
    try expect(ledger.problems(), is: [])
    let there = Set(try ledger.events().compactMap(\.instance))
    #expect(there.isDisjoint(with: ledger.ended))
    #expect(there.isSuperset(of: ledger.live))
    try expect(ledger.outputCount(), is: 0)
  }
}
