package import SQLite

/// SQLite is asked what is wrong with the file's own structure that no reader notices, free space that is not free above
/// all: whoever appends there would damage what is beside it.
package enum StructuralCheck {
  /// Reads the whole file, in one read transaction: a WAL that grows meanwhile is not begun anew.
  package static func problems(of connection: borrowing Connection) -> [LedgerProblem] {
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
}
