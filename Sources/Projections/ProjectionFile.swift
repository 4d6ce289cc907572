internal import Glibc
internal import SQLite
internal import Schema

/// The database that projections are kept in: how it is opened, made, and made anew. Its pages have checksums, so that
/// no byte that was flipped makes an answer wrong: the page cannot be read, and the file is made anew.
enum ProjectionFile {
  /// Opens the file, and makes it when it is missing.
  /// - Parameters:
  ///   - mode: the ledger's own, asked for where the file is missing.
  ///   - milliseconds: how long another's lock is waited for, here and later.
  static func open(
    _ path: String, mode: @autoclosure () -> UInt32, milliseconds: Int32
  ) throws(SQLiteError) -> Connection {
    if access(path, F_OK) != 0 {
      // As private as that from the start; SQLite gives the WAL the same mode. Closed before SQLite opens the file.
      // Never truncated: another may have made it a moment ago.
      let fd = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
      if fd >= 0 {
        fchmod(fd, mode())
        close(fd)
      }
    }
    let connection = try Connection(
      path, .readWrite, pages: .checked, busyMilliseconds: milliseconds)
    // Reading alone, so that asking again costs nothing; the write lock is taken to make the schema.
    if try connection.integer("PRAGMA user_version") != InstanceRecord.version {
      try connection.execute("PRAGMA journal_mode = WAL")
      try makeSchema(connection)
    }
    // Never FULL: what is lost in a power cut is folded again.
    try connection.execute("PRAGMA synchronous = NORMAL")
    // A batch fits: nothing of it is written before its commit. In KiB; memory that is used, not taken beforehand.
    try connection.execute("PRAGMA cache_size = -8192")
    return connection
  }

  /// Tells whether one of the names is taken by what is no file: reading a FIFO would wait for its other end, for ever.
  static func isSpecial(_ path: String) -> Bool {
    ["", "-wal", "-shm", "-journal"].contains { suffix in
      var info = stat()
      return stat(path + suffix, &info) == 0 && info.st_mode & S_IFMT != S_IFREG
    }
  }

  /// A database of SQLite's own, in memory while it is small, gone with the connection.
  static func temporary() throws(SQLiteError) -> Connection {
    let connection = try Connection("", .create, busyMilliseconds: 0)
    try connection.execute("PRAGMA journal_mode = MEMORY")
    try makeSchema(connection)
    return connection
  }

  /// The file with empty tables, whatever stood in it. It stays: who removed it could part others from the WAL that they
  /// have open.
  static func emptied(_ path: String, milliseconds: Int32) throws(SQLiteError) -> Connection {
    try Connection.empty(path, busyMilliseconds: milliseconds)
    return try open(path, mode: 0o600, milliseconds: milliseconds)
  }

  /// The version of the folds that are in it, also of one whose pages have no checksums yet; nil where that cannot be
  /// read.
  static func version(_ path: String) -> Int64? {
    do throws(SQLiteError) {
      return try Connection(path, .readOnly, busyMilliseconds: 0).integer("PRAGMA user_version")
    } catch { return nil }
  }

  private static func makeSchema(_ connection: borrowing Connection) throws(SQLiteError) {
    let transaction = try connection.begin()
    // Another may have made it meanwhile.
    if try connection.integer("PRAGMA user_version") != InstanceRecord.version {
      try replaceTables(connection)
    }
    try transaction.commit()
  }

  /// Inside a transaction: empty tables in place of what is there.
  static func replaceTables(_ connection: borrowing Connection) throws(SQLiteError) {
    try connection.execute(
      "DROP TABLE IF EXISTS instance; DROP TABLE IF EXISTS kept; DROP TABLE IF EXISTS moment; "
        + "DROP TABLE IF EXISTS boot; DROP TABLE IF EXISTS checkpoint")
    try connection.execute(Schema.projections)
    try connection.execute("PRAGMA user_version = \(InstanceRecord.version)")
  }

  static func remove(_ path: String) {
    for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
  }
}
