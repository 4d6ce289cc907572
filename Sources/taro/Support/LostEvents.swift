internal import Ledger
internal import Linux
internal import Projections

/// What is said of a ledger that has lost events, whatever it is asked.
enum LostEvents {
  /// Opens a ledger to ask it. Where events are not seen because WAL or index were removed under those who append, a turn
  /// in the queue puts that right first.
  static func open(_ directory: LedgerDirectory) throws(LedgerError) -> LedgerView {
    var view: LedgerView? = try LedgerView(directory)
    if let view, view.missing == nil || !LedgerReader.isPastWriters(directory) { return view }
    // While it is open, this process keeps the old ones.
    view = nil
    if let writer = try? LedgerWriter(directory, queueMilliseconds: 1000) {
      try? writer.turn(durable: false) { _ throws(LedgerError) in }
    }
    return try LedgerView(directory)
  }

  /// A line on stderr: what the answer does not know, and what to do.
  static func report(_ missing: MissingEvents?, of directory: LedgerDirectory) {
    guard let missing else { return }
    let path = PrintableText.escaped(directory.path)
    try? RawIO.writeAll(
      2,
      "taro: ledger \(path): damaged: \(missing); taro ledger verify says what is left, taro ledger recover "
        + "brings back what can be proven, and the next taro exec puts it aside and begins a new one\n"
    )
  }
}
