internal import Glibc
internal import Linux
internal import SQLite

/// Reads all that can be read of a damaged ledger into a new one. The old one is left as it is; others may go on using
/// it, and what they append meanwhile is not taken.
package enum LedgerRecovery {
  /// - Parameters:
  ///   - source: the damaged ledger's database file, or its directory.
  ///   - target: a directory that is not there yet. It appears when the new ledger is complete and on disk;
  ///     until then it is made beside, with `.partial` behind its name.
  ///   - progress: called after each batch; the ledger is read twice, for the first event tells what was lost.
  /// - Throws: `damaged` when nothing can be read, `unsafe` when the target is there, what writing throws.
  package static func run(
    from source: String, into target: String,
    progress: @escaping (LedgerProgress) -> Void = { _ in }
  ) throws(LedgerError) -> Recovered {
    let file = databaseFile(source)
    let partial = "\(target).partial"
    for path in [target, partial] where isThere(path) {
      throw .unsafe(
        path: path, reason: "it is there already",
        remedy: "remove it, or name another directory with --into")
    }
    let old = try DamagedLedger(file)
    // What is appended to the old ledger from now on is not taken, by neither pass.
    let end = try LedgerScan.end(of: old.connection, path: file)
    var scan = try LedgerScan(old.connection, path: file, end: end)
    let survey = try pass(&scan, old, Meter(progress, passes: 0)) { _ throws(LedgerError) in }
    let recovered = Recovered(
      file: file, ledgerID: old.ledgerID, lastGood: survey.lastGood, counts: survey.counts,
      by: .thisProcess())
    try write(recovered, old, end: end, to: LedgerDirectory(partial), Meter(progress, passes: 1))
    try move(partial, to: target)
    return recovered
  }

  private static func databaseFile(_ source: String) -> String {
    var info = stat()
    guard stat(source, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else { return source }
    return LedgerDirectory(source).database
  }

  private static func isThere(_ path: String) -> Bool {
    var info = stat()
    return lstat(path, &info) == 0 || errno != ENOENT
  }

  private static func write(
    _ recovered: Recovered, _ old: DamagedLedger, end: Int64?, to directory: LedgerDirectory,
    _ meter: Meter
  ) throws(LedgerError) {
    let writer = try LedgerWriter(directory)
    let first = NewEvent(
      at: Clock.wallMicroseconds(), mono: Clock.bootMicroseconds(), job: nil, instance: nil,
      kind: .recovered, data: recovered.json)
    try writer.turn(durable: true) { turn throws(LedgerError) in _ = try turn.append(first) }
    var scan = try LedgerScan(old.connection, path: old.file, end: end)
    _ = try pass(&scan, old, meter) { events throws(LedgerError) in
      guard !events.isEmpty else { return }
      try writer.turn(durable: false) { turn throws(LedgerError) in
        for event in events { try turn.append(event, keepsTime: true) }
      }
    }
    try writer.flush()
  }

  private static func pass(
    _ scan: inout LedgerScan, _ old: DamagedLedger, _ meter: Meter,
    _ sink: ([NewEvent]) throws(LedgerError) -> Void
  ) throws(LedgerError) -> RecoveryDecisions {
    var decisions = RecoveryDecisions(
      genesis: old.genesis, withoutOutput: old.instancesWithoutOutput)
    while let piece = try scan.next() {
      try sink(decisions.take(piece))
      meter.tell(decisions.counts, end: scan.end)
    }
    decisions.finish()
    return decisions
  }

  private static func move(_ partial: String, to target: String) throws(LedgerError) {
    guard rename(partial, target) == 0 else {
      throw LedgerError(SystemCallError("rename", target), target)
    }
    let parent = target.split(separator: "/").dropLast().joined(separator: "/")
    do throws(SystemCallError) {
      try LedgerDirectory.sync((target.hasPrefix("/") ? "/" : "./") + parent)
    } catch { throw LedgerError(error, target) }
  }

  /// Both passes are one piece of work.
  private struct Meter {
    private let progress: (LedgerProgress) -> Void
    private let passes: Int64

    init(_ progress: @escaping (LedgerProgress) -> Void, passes: Int64) {
      self.progress = progress
      self.passes = passes
    }

    func tell(_ counts: Recovered.Counts, end: Int64?) {
      let done = counts.read + counts.lost + passes * (end ?? 0)
      progress(LedgerProgress(done: done, total: end.map { 2 * $0 }))
    }
  }
}
