internal import Events
internal import Ledger
internal import Projections

/// Every 512th position of the stream: the runner whose event stands there folds the projections at its end, so that
/// few runners pay for it, and no reader for a long backlog. It folds some thousand events and no more, eight times what
/// has come since the point before: whatever the backlog is, it shrinks, and no exit waits for more than some
/// milliseconds.
enum FoldingPoints {
  private static let interval: Int64 = 512
  /// A shorter backlog costs a reader less than it would cost a runner to open what is needed.
  private static let leastBacklog: Int64 = 1000

  /// Tells whether one of those who appended the events after `before` and up to `after` folds.
  static func isCrossed(between before: Seq, _ after: Seq) -> Bool {
    before.number / interval != after.number / interval
  }

  /// Folds a part of what the projections lack. Nobody waits for whoever folds just now: they are brought up by that one.
  static func foldSome(of directory: LedgerDirectory) {
    guard let reader = try? LedgerReader(directory),
      let store = try? ProjectionStore(reader, patience: .none)
    else { return }
    try? store.foldSome(ifBehindBy: leastBacklog)
  }
}
