internal import SQLite

/// The rows that are folded beside projections.db while it cannot be written: somebody who holds its lock may be
/// stopped (Ctrl-Z), and nothing waits for him. Readers of a WAL wait for no writer, so the rows that are there are
/// read, and what has happened since is folded into temporary tables of the connection. Under the names of the file's
/// tables stand views and tables of SQLite's `temp` schema, which is looked into first (sqlite.org/lang_naming.html):
/// whoever asks, or folds, asks and folds as ever.
enum ProjectionOverlay {
  static let names = InstanceRow.allColumns.split(separator: ",").map {
    String($0.drop { $0 == " " })
  }

  static func list(_ prefix: String) -> String {
    names.map { prefix + $0 }.joined(separator: ", ")
  }

  private static let remove = """
    DROP VIEW IF EXISTS temp.instance; DROP TABLE IF EXISTS temp.changed;
    DROP TABLE IF EXISTS temp.covered; DROP TABLE IF EXISTS temp.checkpoint;
    DROP TABLE IF EXISTS temp.boot; DROP TABLE IF EXISTS temp.kept;
    DROP TABLE IF EXISTS temp.moment;
    """

  /// A table of rows that stand in the place of the file's.
  static let changed = """
    CREATE TEMP TABLE changed AS SELECT \(list("")) FROM main.instance LIMIT 0;
    CREATE UNIQUE INDEX temp.changed_seq ON changed (created_seq);
    CREATE INDEX temp.changed_instance ON changed (instance);
    CREATE INDEX temp.changed_job ON changed (job, created_order);
    """

  /// covered: rows of the file that do not count any more, be it that there is another in changed.
  private static var make: String {
    """
    CREATE TEMP TABLE checkpoint AS SELECT * FROM main.checkpoint;
    CREATE UNIQUE INDEX temp.checkpoint_id ON checkpoint (id);
    CREATE TEMP TABLE kept AS SELECT * FROM main.kept LIMIT 0;
    CREATE TEMP TABLE moment AS SELECT * FROM main.moment ORDER BY seq DESC LIMIT 2;
    CREATE TEMP TABLE boot AS SELECT * FROM main.boot;
    CREATE UNIQUE INDEX temp.boot_name ON boot (boot);
    CREATE TEMP TABLE covered (created_seq INTEGER PRIMARY KEY);
    \(changed)
    CREATE TEMP VIEW instance AS
      SELECT \(list("")) FROM main.instance
      WHERE created_seq NOT IN (SELECT created_seq FROM temp.covered)
      UNION ALL SELECT \(list("")) FROM temp.changed;
    CREATE TEMP TRIGGER instance_insert INSTEAD OF INSERT ON instance BEGIN
      INSERT OR REPLACE INTO changed (\(list(""))) VALUES (\(list("NEW."))); END;
    CREATE TEMP TRIGGER instance_update INSTEAD OF UPDATE ON instance BEGIN
      INSERT OR IGNORE INTO covered VALUES (OLD.created_seq);
      INSERT OR REPLACE INTO changed (\(list(""))) VALUES (\(list("NEW."))); END;
    CREATE TEMP TRIGGER instance_delete INSTEAD OF DELETE ON instance BEGIN
      INSERT OR IGNORE INTO covered VALUES (OLD.created_seq);
      DELETE FROM changed WHERE created_seq = OLD.created_seq; END;
    """
  }

  /// Begins where the file stands now. In a transaction that has read the file.
  static func begin(_ connection: borrowing Connection) throws(SQLiteError) {
    try end(connection)
    try connection.execute(make)
  }

  /// The names lead to the file again.
  static func end(_ connection: borrowing Connection) throws(SQLiteError) {
    try connection.execute(remove)
  }
}
