internal import Events
internal import Ledger
internal import SQLite

/// Knows what the `redacted` events of a ledger explain. They are read at the beginning, and again when something is not
/// explained, for somebody may redact meanwhile. Memory: about 100 bytes a position that they name.
struct RedactedCheck {
  private let reader: LedgerReader
  private(set) var redactions = Redactions()

  init(_ reader: LedgerReader) {
    self.reader = reader
    readOn()
  }

  /// - Returns: true when there were more.
  @discardableResult
  mutating func readOn() -> Bool {
    // Where they cannot be read, the scan says so.
    guard let now = try? reader.redactions(knowing: redactions), now.upTo != redactions.upTo else {
      return false
    }
    redactions = now
    return true
  }

  /// Returns a problem when the rows that may be changed are not those that the events tell of: both are of one moment.
  func problem() -> LedgerProblem? {
    do throws(SQLiteError) {
      try reader.connection.execute("BEGIN")
    } catch { return LedgerProblem(.redacted, "cannot be read: \(error.message)") }
    defer { try? reader.connection.execute("COMMIT") }
    do {
      let said = try reader.redactions().sorted.map { [$0.seq, $0.replacement.by] }
      var noted: [[Seq]] = []
      try RedactedRows.forEach(in: reader.connection) { noted.append([$0, $1]) }
      guard said != noted else { return nil }
      let at = zip(said, noted).first { $0 != $1 }?.1.first ?? noted.last?.first
      return LedgerProblem(
        .redacted, at: at,
        "the events noted as redacted (\(noted.count)) are not those that events tell of (\(said.count))"
      )
    } catch {
      return LedgerProblem(.redacted, "what was redacted cannot be read: \(error)")
    }
  }
}
