internal import Ledger
internal import Linux

/// What is said of a ledger that has lost events, whatever it is asked.
enum LostEvents {
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
