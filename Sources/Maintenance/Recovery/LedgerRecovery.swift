package import Events
internal import Glibc
package import Ledger
internal import Linux
internal import SQLite

/// Reads all that can be read of a damaged ledger into a new one. The old one is left as it is; others may go on using
/// it, and what they append meanwhile is not taken.
package enum LedgerRecovery {
  /// - Parameters:
  ///   - source: the damaged ledger's database file, or its directory.
  ///   - target: a directory that is not there yet. It appears when the new ledger is complete and on disk;
  ///     until then it is made beside (`UnfinishedLedger`).
  ///   - requester: who asks; the new ledger's first event tells it.
  ///   - progress: called after each batch; the ledger is read twice, for the first event tells what was lost.
  /// - Throws: `damaged` when nothing can be read, `unsafe` when the target is there, what writing throws.
  package static func run(
    from source: String, into target: String, by requester: Requester,
    progress: @escaping (LedgerProgress) -> Void = { _ in }
  ) throws(LedgerError) -> Recovered {
    let file = databaseFile(source)
    let old = try DamagedLedger(file, notes(file))
    try refuseTaken(target)
    let new = try UnfinishedLedger.begin(beside: target)
    do throws(LedgerError) {
      // Whoever had it may have given it its name by now.
      try refuseTaken(target)
      let made = try make(old, file: file, by: requester, in: new.directory, progress: progress)
      // Without a deadline it is made.
      guard let recovered = made else { throw .damaged(path: file, reason: "it cannot be read") }
      try new.publish()
      return recovered
    } catch {
      new.discard()
      throw error
    }
  }

  /// Makes the new ledger in a directory that is not there yet.
  /// - Parameters:
  ///   - file: what the first event calls the damaged one.
  ///   - reason: why it was put aside, where it was.
  ///   - deadline: nil: however long it takes.
  /// - Returns: nil at the deadline, and where there is no event to be read; what was made of it stays there.
  static func make(
    _ old: DamagedLedger, file: String, reason: String? = nil, by requester: Requester,
    in directory: LedgerDirectory, until deadline: MonotonicTime? = nil,
    progress: @escaping (LedgerProgress) -> Void = { _ in }
  ) throws(LedgerError) -> Recovered? {
    // What is appended to the old ledger from now on is not taken, by neither pass.
    let end = try LedgerScan.end(of: old.connection, path: old.file)
    var scan = try SalvagingScan(old, end: end)
    let isInTime = { deadline.map { MonotonicTime.now < $0 } ?? true }
    let survey = try pass(&scan, old, Meter(progress, passes: 0)) { _ throws(LedgerError) in
      isInTime()
    }
    guard let survey, deadline == nil || survey.counts.read > 0 else { return nil }
    var recovered = Recovered(
      file: file, ledgerID: old.ledgerID, lastGood: survey.lastGood, counts: survey.counts,
      by: requester)
    recovered.identity = old.identity == old.ledgerID ? nil : old.identity
    recovered.positions = survey.positions
    recovered.reason = reason
    let writer = try LedgerWriter(directory)
    let first = NewEvent(
      at: .now, mono: .now, job: nil, instance: nil,
      kind: .recovered, data: recovered.json)
    try writer.turn(durable: true) { turn throws(LedgerError) in _ = try turn.append(first) }
    scan = try SalvagingScan(old, end: end)
    let written = try pass(&scan, old, Meter(progress, passes: 1)) { events throws(LedgerError) in
      guard !events.isEmpty else { return true }
      try writer.turn(durable: false) { turn throws(LedgerError) in
        for event in events { try turn.append(event, keepsTime: true) }
      }
      return isInTime()
    }
    guard written != nil else { return nil }
    try writer.flush()
    return recovered
  }

  /// Reads the notes on a ledger that stands at its name.
  private static func notes(_ file: String) -> QueueNotes {
    let name = "/ledger.db"
    guard file.hasSuffix(name) else { return .none }
    // Without them the ledger is brought back as far as it is seen to go.
    return (try? QueueFile.read(LedgerDirectory(String(file.dropLast(name.count))))) ?? .none
  }

  private static func databaseFile(_ source: String) -> String {
    var info = stat()
    guard stat(source, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else { return source }
    return LedgerDirectory(source).database
  }

  private static func refuseTaken(_ target: String) throws(LedgerError) {
    var info = stat()
    guard lstat(target, &info) == 0 || errno != ENOENT else { return }
    throw .unsafe(path: target, .isThere)
  }

  /// Goes through the old ledger once; returns nil when the sink wants no more.
  private static func pass(
    _ scan: inout SalvagingScan, _ old: DamagedLedger, _ meter: Meter,
    _ sink: ([NewEvent]) throws(LedgerError) -> Bool
  ) throws(LedgerError) -> RecoveryDecisions? {
    var decisions = RecoveryDecisions(
      genesis: old.genesis, withoutOutput: old.instancesWithoutOutput)
    while let piece = try scan.next() {
      guard try sink(decisions.take(piece)) else { return nil }
      meter.tell(decisions.counts, end: scan.end)
    }
    decisions.finish()
    return decisions
  }

  /// Both passes are one piece of work.
  private struct Meter {
    private let progress: (LedgerProgress) -> Void
    private let passes: Int64

    init(_ progress: @escaping (LedgerProgress) -> Void, passes: Int64) {
      self.progress = progress
      self.passes = passes
    }

    func tell(_ counts: Recovered.Counts, end: Seq?) {
      let done = counts.read + counts.lost + passes * (end?.number ?? 0)
      progress(LedgerProgress(done: done, total: end.map { 2 * $0.number }))
    }
  }
}
