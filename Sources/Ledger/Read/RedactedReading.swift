package import Events
internal import SQLite

/// A reader is asked what was redacted.
extension LedgerReader {
  /// All that `redacted` events say, beginning with what is known already. Microseconds where there are none, however long
  /// the ledger is.
  package func redactions(
    knowing known: Redactions = .none
  ) throws(LedgerError) -> Redactions {
    var redactions = known
    for event in try hostEvents([.redacted], after: known.upTo) { redactions.take(event) }
    return redactions
  }

  /// Tells whether there may still be copies of what was redacted. Reads one row.
  package func needsCleaning() throws(LedgerError) -> Bool {
    try mapped { () throws(SQLiteError) in
      var statement = try connection.prepare("SELECT 1 FROM meta WHERE key = ?")
      try statement.bind(1, LedgerIdentity.Key.cleaning)
      return try statement.step()
    }
  }
}
