extension LedgerReader {
  /// True when this is a copy that nobody has written yet: the ledger was last written in another file. A reader leaves
  /// a copy as it is; its first writer makes it a ledger of its own. Three system calls.
  package var isCopy: Bool {
    guard let here = NotedPlace(directory)?.file, let there = place?.file else { return false }
    return !here.isSame(as: there)
  }
}
