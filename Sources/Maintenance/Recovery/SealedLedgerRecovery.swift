package import Events
internal import Glibc
package import Ledger
internal import Linux

/// Reads a ledger that is put aside, and makes another out of it. Inside the append queue, where others wait: where it
/// would take too long, the new ledger begins without, and `taro ledger recover` has the time.
package struct SealedLedgerRecovery: DamageRecovery {
  /// The time for which each call may read; microseconds.
  static let patience: Int64 = 2_000_000

  /// A WAL that is larger takes too long.
  private static let largestWAL: off_t = 64 << 20

  private let asker: @Sendable () -> Requester

  /// - Parameter requester: found out only where a ledger is put aside.
  package init(by requester: @escaping @Sendable () -> Requester) { asker = requester }

  package var requester: Requester { asker() }

  package func survey(_ path: String, into sealed: inout SealedLedger) {
    guard let old = try? DamagedLedger(path, salvages: false) else { return }
    sealed.ledgerID = old.ledgerID
    let deadline = MonotonicTime.now + Self.patience
    // The end may be what is damaged.
    let end = (try? LedgerScan.end(of: old.connection, path: path)).flatMap { $0 }
    guard let genesis = old.genesis,
      var scan = try? LedgerScan(old.connection, path: path, end: end)
    else { return }
    var chain = ChainCheck(genesis: genesis)
    while let piece = try? scan.next() {
      switch piece {
      case .events(let events):
        for var event in events {
          event.replacement = old.redactions[event.seq]
          guard chain.take(event) == .fits, let digest = event.digest else { return }
          sealed.lastGood = ChainPosition(seq: event.seq, digest: digest)
        }
      case .dropped(_, let digest): chain.resume(after: digest)
      case .missing, .unreadable, .rest: return
      }
      guard MonotonicTime.now < deadline else {
        sealed.isReadWholly = false
        return
      }
    }
  }

  package func end(of path: String) -> Seq {
    guard let old = try? DamagedLedger(path, salvages: false) else { return .start }
    return (try? LedgerScan.end(of: old.connection, path: path)).flatMap { $0 } ?? .start
  }

  package func restore(
    _ sealed: SealedLedger, at path: String, known notes: QueueNotes, in directory: LedgerDirectory
  ) throws(LedgerError) -> Recovered? {
    let deadline = MonotonicTime.now + Self.patience
    var info = stat()
    guard stat("\(path)-wal", &info) != 0 || info.st_size <= Self.largestWAL else { return nil }
    return try LedgerRecovery.make(
      DamagedLedger(path, notes), file: sealed.file, reason: sealed.reason, by: sealed.by,
      in: directory, until: deadline)
  }
}

extension LedgerWriter {
  /// Opens the ledger as a runner does: one that is damaged is put aside, and this appends to the one that is made of it.
  /// - Parameter requester: the one in whose name that is done; found out only then.
  package convenience init(
    sealingDamage directory: LedgerDirectory, queueMilliseconds: Int = 10_000,
    by requester: @autoclosure @escaping @Sendable () -> Requester
  ) throws(LedgerError) {
    try self.init(
      directory, queueMilliseconds: queueMilliseconds,
      recovery: SealedLedgerRecovery(by: requester))
  }
}
