internal import CommandLineKit
internal import Ledger
internal import Linux
internal import Operations
internal import Projections
internal import Synchronization

/// What is said of a ledger that has lost events, whatever it is asked.
enum LostEvents {
  /// Opens a ledger to ask it. Where events are not seen because WAL or index were removed under those who append, a turn
  /// in the queue puts that right first.
  static func open(_ directory: LedgerDirectory) throws(LedgerError) -> LedgerSession {
    var view: LedgerSession? = try LedgerSession(directory)
    if let view, view.missing == nil || !LedgerReader.isPastWriters(directory) { return view }
    // While it is open, this process keeps the old ones.
    view = nil
    if let writer = try? LedgerWriter(directory, queueMilliseconds: 1000) {
      try? writer.turn(durable: false) { _ throws(LedgerError) in }
    }
    return try LedgerSession(directory)
  }

  /// A line on stderr: what the answer does not know, and what to do. Once: what is then refused is refused for it.
  static func report(_ missing: MissingEvents?, of directory: LedgerDirectory) {
    guard let missing else { return }
    let text = LedgerError.damaged(path: directory.path, reason: missing.description).description
    StandardError.say(text)
    reported.withLock { $0 = text }
  }

  static func hasReported(_ error: LedgerError) -> Bool {
    reported.withLock { $0 == error.description }
  }

  /// The same where it is not known what has been lost, if anything: ledger.lock, which says it, is damaged.
  static func report(_ notes: DamagedNotes?, of directory: LedgerDirectory) {
    guard let notes else { return }
    StandardError.say(
      "ledger \(directory.path): \(notes); taro ledger verify says what is there, and the next taro exec notes "
        + "it anew")
  }

  private static let reported = Mutex<String?>(nil)
}
