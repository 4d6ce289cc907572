internal import Ledger
internal import SQLite
internal import Schema

/// The file's header, tables and triggers against the schema. Triggers are compared by name: what an earlier version
/// has made stays; and an index, or the table of what was dropped, that it did not make is not missed.
enum SchemaCheck {
  static func problems(of connection: borrowing Connection) -> [LedgerProblem] {
    do throws(SQLiteError) { return try check(connection) } catch {
      return [LedgerProblem(.schema, "the schema cannot be read: \(error.message)")]
    }
  }

  private static func check(
    _ connection: borrowing Connection
  ) throws(SQLiteError) -> [LedgerProblem] {
    var problems: [LedgerProblem] = []
    let id = try connection.integer("PRAGMA application_id")
    if id != LedgerFormat.applicationID {
      problems.append(
        LedgerProblem(.schema, "application_id is \(id), not \(LedgerFormat.applicationID)"))
    }
    let model = try Connection("", .create, busyMilliseconds: 0)
    try model.execute(Schema.ledger)
    let there = try parts(connection)
    let isBeforeRetention = try !DroppedRanges.exist(in: connection)
    for part in try parts(model) where !there.contains(part) {
      // Where it is gone, what was dropped is missed.
      if isBeforeRetention, part.hasPrefix("column dropped.") { continue }
      problems.append(LedgerProblem(.schema, "\(part) is missing"))
    }
    return problems
  }

  /// Returns the parts that a ledger cannot do without, each as a person would name it.
  private static func parts(_ connection: borrowing Connection) throws(SQLiteError) -> [String] {
    var statement = try connection.prepare(
      """
      SELECT 'trigger ' || name FROM sqlite_schema WHERE type = 'trigger'
      UNION ALL
      SELECT 'column ' || s.name || '.' || c.name || ' ' || c.type
      FROM sqlite_schema s JOIN pragma_table_info(s.name) c WHERE s.type = 'table'
      """)
    var parts: [String] = []
    while try statement.step() { parts.append(statement.text(0)) }
    return parts
  }
}
