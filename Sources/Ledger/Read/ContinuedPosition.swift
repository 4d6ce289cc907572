package import Events

extension LedgerReader {
  /// Finds where a reader goes on who has read another ledger up to that position, when this one was recovered from it:
  /// behind the last event that he has read.
  /// - Returns: nil when it was not, or does not say where those events stand; it is read from its beginning then.
  package func position(
    continuing ledgerID: String, after position: Seq
  ) throws(LedgerError) -> Seq? {
    guard let first = try events(after: .start, limit: 1).first, first.kind == .recovered else {
      return nil
    }
    let recovered = Recovered(first.json)
    guard [recovered.identity ?? recovered.ledgerID, recovered.ledgerID].contains(ledgerID),
      !recovered.positions.isEmpty
    else { return nil }
    // `recovered` itself is new to whoever had read nothing.
    return position == .start ? .start : max(Seq.first, recovered.positions.new(of: position))
  }
}
