internal import Events

extension LedgerReader {
  /// Returns the ledger that was put aside before this one was begun, where the notes still say that it is being put
  /// aside. Reads one row, and only then.
  func begun(after notes: QueueNotes) -> SealedLedger? {
    guard let name = directory.sealing(notes),
      let first = try? events(after: .start, limit: 1).first
    else { return nil }
    let sealed: SealedLedger
    switch first.kind {
    case .sealed: sealed = SealedLedger(first.json)
    case .recovered: sealed = SealedLedger(Recovered(first.json))
    default: return nil
    }
    // Where nothing was left of the old one, it has no name.
    let isOfIt = sealed.file.isEmpty ? !directory.hasSealed(name) : sealed.file == name
    return isOfIt ? sealed : nil
  }
}
