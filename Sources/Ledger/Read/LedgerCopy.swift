extension LedgerReader {
  /// Whether this is a copy that nobody has written yet: the ledger was last written in another file. Who only asks leaves
  /// it as it is; who writes it makes it a ledger of its own. Three system calls.
  package var isCopy: Bool {
    guard let here = NotedPlace(directory)?.file, let there = place?.file else { return false }
    return !here.isSame(as: there)
  }
}
