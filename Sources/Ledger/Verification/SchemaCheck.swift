internal import SQLite
internal import Schema

/// The file's header, tables and triggers against the schema. Triggers are compared by name: what an earlier version
/// has made stays; and an index, or the table of what was dropped, that it did not make is not missed.
enum SchemaCheck {
  static let applicationID: Int64 = 1_952_542_319  // "taro"

  static func problems(of connection: borrowing Connection) -> [LedgerProblem] {
    do throws(SQLiteError) { return try check(connection) } catch {
      return [LedgerProblem(.schema, "the schema cannot be read: \(error.message)")]
    }
  }

  /// What SQLite finds wrong with the file's own structure that no reader notices, free space that is not free above
  /// all: whoever appends there would damage what is beside it. Reads the whole file once more, in one read
  /// transaction: a WAL that grows meanwhile is not begun anew.
  static func structuralProblems(of connection: borrowing Connection) -> [LedgerProblem] {
    do throws(SQLiteError) {
      var statement = try connection.prepare("PRAGMA quick_check(10)")
      var problems: [LedgerProblem] = []
      while try statement.step() {
        let text = statement.text(0)
        if text != "ok" { problems.append(LedgerProblem(.schema, "SQLite finds: \(text)")) }
      }
      return problems
    } catch {
      return [LedgerProblem(.schema, "SQLite cannot check the file: \(error.message)")]
    }
  }

  private static func check(
    _ connection: borrowing Connection
  ) throws(SQLiteError) -> [LedgerProblem] {
    var problems: [LedgerProblem] = []
    let id = try connection.integer("PRAGMA application_id")
    if id != applicationID {
      problems.append(LedgerProblem(.schema, "application_id is \(id), not \(applicationID)"))
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

  /// What a ledger cannot do without, each as a person would name it.
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
