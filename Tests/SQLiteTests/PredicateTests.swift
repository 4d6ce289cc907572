import SQLite
import TestSupport
import Testing

@Suite("A predicate")
struct PredicateTests {
  private func connection() throws -> Connection {
    let connection = try Connection("", .create, busyMilliseconds: 0)
    try connection.execute(
      "CREATE TABLE t (a, b); INSERT INTO t VALUES ('x', 'y'), ('', NULL), ('ü\u{1f600}', x'00ff'), (12, 0.5)"
    )
    return connection
  }

  @Test func `is called with what stands in the row`() throws {
    let connection = try connection()
    var seen: [String] = []
    try connection.define("is_seen", arguments: 2) { arguments in
      seen.append(arguments.text(0) + "|" + arguments.withBytes(1) { "\(Array($0))" })
      return true
    }
    try expect(connection.integer("SELECT COUNT(*) FROM t WHERE is_seen(a, b)"), is: 4)
    #expect(seen == ["x|[121]", "|[]", "ü\u{1f600}|[0, 255]", "12|[48, 46, 53]"])
  }

  @Test func `decides before rows are counted and limited, and may be replaced`() throws {
    let connection = try connection()
    for wanted in ["x", "ü\u{1f600}", "none"] {
      try connection.define("is_wanted", arguments: 1) { $0.text(0) == wanted }
      let count = try connection.integer("SELECT COUNT(*) FROM t WHERE is_wanted(a)")
      #expect(count == (wanted == "none" ? 0 : 1))
      var statement = try connection.prepare("SELECT a FROM t WHERE is_wanted(a) LIMIT 1")
      try expect(statement.step(), is: (wanted != "none"))
    }
  }

  @Test func `is not known to other connections, nor with another number of arguments`() throws {
    let connection = try connection()
    try connection.define("is_wanted", arguments: 1) { _ in true }
    #expect(throws: SQLiteError.self) { _ = try connection.prepare("SELECT is_wanted(1, 2)") }
    let other = try Connection("", .create, busyMilliseconds: 0)
    #expect(throws: SQLiteError.self) { _ = try other.prepare("SELECT is_wanted(1)") }
  }

  @Test func `lives as long as its connection`() throws {
    final class Witness {}
    weak var witness: Witness?
    do {
      let connection = try connection()
      let kept = Witness()
      witness = kept
      try connection.define("is_kept", arguments: 0) { _ in
        _ = kept; return true
      }
      try expect(connection.integer("SELECT is_kept()"), is: 1)
    }
    #expect(witness == nil)
  }
}
