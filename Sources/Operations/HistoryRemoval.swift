package import Events
package import Ledger
internal import Projections

/// Removes ended instances from the history: their events stay, and what is live is never meant.
package struct HistoryRemoval {
  private let session: LedgerSession
  private let patterns: [Pattern]
  /// The position up to which instances had ended that are meant: none that ends while somebody thinks about it.
  private let upTo: Seq

  package init(_ patterns: [Pattern], in session: LedgerSession) throws(LedgerError) {
    self.session = session
    self.patterns = patterns
    upTo = try session.reader.head().seq
  }

  /// Counts the instances that match one of the patterns.
  package func count(_ pattern: Pattern) throws(LedgerError) -> Int64 { try count([pattern]) }
  package func count() throws(LedgerError) -> Int64 { try count(patterns) }

  private func count(_ patterns: [Pattern]) throws(LedgerError) -> Int64 {
    var query = InstanceQuery(.ended, patterns)
    query.asOf = upTo
    return try session.projections.count(query)
  }

  /// On disk when it returns.
  package func carryOut(by requester: Requester) throws(LedgerError) {
    let removed = HistoryRemoved(patterns: patterns.map(\.text), upTo: upTo, by: requester)
    try session.openWriter().turn(durable: true) { turn throws(LedgerError) in
      _ = try turn.append(.ofHost(.historyRemoved, removed.json))
    }
  }
}
