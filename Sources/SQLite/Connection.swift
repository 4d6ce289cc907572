internal import CSQLite

/// One connection to one database file, used by one thread at a time (it is opened without SQLite's own
/// mutexes). Statements and transactions keep it open.
package struct Connection: ~Copyable {
  package enum Mode: Sendable {
    case readOnly
    case readWrite
    /// Makes the file when it is missing.
    case create
  }

  let handle: Handle

  /// The open database, closed when the last of connection, statements and transaction ends.
  @safe final class Handle {
    let pointer: OpaquePointer
    /// Pages in the WAL after this connection's last commit.
    var walPages: Int32 = 0
    private var index: EmptiedIndex

    init(_ pointer: OpaquePointer, _ path: String) {
      unsafe self.pointer = pointer
      index = EmptiedIndex(path)
    }

    /// Before each statement that may begin to read.
    func prepareToRead() { index.restore() }

    deinit { unsafe sqlite3_close_v2(pointer) }

    func check(_ code: Int32) throws(SQLiteError) {
      guard code != SQLITE_OK else { return }
      throw unsafe SQLiteError(last: pointer)
    }
  }

  /// The kind of the file's pages. With checksums, what a byte that was flipped has spoilt cannot be read, and fails as
  /// damaged. All who write the file say it, from its first page on.
  package enum Pages: Sendable {
    case plain
    case checked
  }

  /// - Parameter busyMilliseconds: how long SQLite waits for another connection's lock before the call
  ///   fails as busy.
  package init(
    _ path: String, _ mode: Mode, pages: Pages = .plain, busyMilliseconds: Int32
  ) throws(SQLiteError) {
    switch pages {
    case .plain: try self.init(path, mode, checksums: nil, busyMilliseconds: busyMilliseconds)
    case .checked: try self.init(path, mode, checksums: .check, busyMilliseconds: busyMilliseconds)
    }
  }

  private init(
    _ path: String, _ mode: Mode, checksums: PageChecksums.Use?, busyMilliseconds: Int32
  ) throws(SQLiteError) {
    if checksums != nil, !PageChecksums.areRegistered {
      throw SQLiteError(code: SQLITE_ERROR, message: "SQLite takes no VFS")
    }
    let flags =
      switch mode {
      case .readOnly: SQLITE_OPEN_READONLY
      case .readWrite: SQLITE_OPEN_READWRITE
      case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      }
    var pointer: OpaquePointer?
    let code = unsafe sqlite3_open_v2(
      path, &pointer, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      checksums?.name)
    guard code == SQLITE_OK, let pointer = unsafe pointer else {
      let error = unsafe SQLiteError(last: pointer)
      unsafe sqlite3_close_v2(pointer)
      throw error
    }
    handle = unsafe Handle(pointer, path)
    waitForLocks(milliseconds: busyMilliseconds)
    if checksums != nil { reserveChecksums() }
  }

  /// Counts for a file that is empty, or is made anew (VACUUM).
  private borrowing func reserveChecksums() {
    var size = PageChecksums.size
    unsafe sqlite3_file_control(handle.pointer, "main", SQLITE_FCNTL_RESERVE_BYTES, &size)
  }

  /// Empties the file, whatever stands in it, inside SQLite's own locks: others may have it open. Its pages have
  /// checksums afterwards (sqlite.org/c3ref/c_dbconfig_defensive.html#sqlitedbconfigresetdatabase).
  package static func empty(_ path: String, busyMilliseconds: Int32) throws(SQLiteError) {
    let connection = try Connection(
      path, .readWrite, checksums: .make, busyMilliseconds: busyMilliseconds)
    // It stays in WAL mode where it was, if the schema has been looked at before.
    _ = try? connection.integer("SELECT COUNT(*) FROM sqlite_schema")
    _ = unsafe csqlite_db_config_flag(connection.handle.pointer, SQLITE_DBCONFIG_RESET_DATABASE, 1)
    try connection.execute("VACUUM")
  }

  /// Sets the time that SQLite waits from now on for another connection's lock before the call fails as busy; 0 only
  /// tries.
  package borrowing func waitForLocks(milliseconds: Int32) {
    unsafe sqlite3_busy_timeout(handle.pointer, milliseconds)
  }

  /// Ends what this connection is doing, from another thread.
  package var interruption: Interruption { Interruption(handle) }

  /// Sendable because sqlite3_interrupt may be called by any thread while the connection is open
  /// (sqlite.org/c3ref/interrupt.html), and this keeps it open.
  package struct Interruption: @unchecked Sendable {
    private let handle: Handle

    fileprivate init(_ handle: Handle) { self.handle = handle }

    /// The statement that runs now fails; nothing happens when there is none.
    package func interrupt() { unsafe sqlite3_interrupt(handle.pointer) }
  }

  /// Runs statements that give no rows.
  package borrowing func execute(_ sql: String) throws(SQLiteError) {
    handle.prepareToRead()
    try unsafe handle.check(sqlite3_exec(handle.pointer, sql, nil, nil, nil))
  }

  package borrowing func prepare(_ sql: String) throws(SQLiteError) -> Statement {
    handle.prepareToRead()
    return try Statement(handle, sql)
  }

  /// The single integer that a statement such as `PRAGMA user_version` gives.
  package borrowing func integer(_ sql: String) throws(SQLiteError) -> Int64 {
    var statement = try prepare(sql)
    guard try statement.step() else { return 0 }
    return statement.integer(0)
  }

  /// Takes the write lock now (BEGIN IMMEDIATE), so that what is read inside is still true at the commit.
  package borrowing func begin() throws(SQLiteError) -> Transaction {
    try Transaction(handle)
  }

  /// Begins to read (BEGIN): from the first statement on, all see the file as it was then. Temporary tables may be
  /// written.
  package borrowing func beginReading() throws(SQLiteError) -> Transaction {
    try Transaction(handle, "BEGIN")
  }

  /// Rows changed by the last statement.
  package var changes: Int { unsafe Int(sqlite3_changes(handle.pointer)) }

  /// Refuses what could damage the file through SQL (sqlite.org/c3ref/c_dbconfig_defensive.html).
  package borrowing func setDefensive() {
    _ = unsafe csqlite_db_config_flag(handle.pointer, SQLITE_DBCONFIG_DEFENSIVE, 1)
  }

  /// Leaves the WAL as it is when the connection closes, also as the last one.
  package borrowing func setNoCheckpointOnClose() {
    _ = unsafe csqlite_db_config_flag(handle.pointer, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
  }

  /// Turns automatic checkpoints off and counts the WAL's pages at each commit instead
  /// (sqlite.org/c3ref/wal_hook.html): the caller decides when to checkpoint.
  package borrowing func countWALPages() {
    unsafe sqlite3_wal_hook(
      handle.pointer,
      { context, _, _, pages in
        guard let context = unsafe context else { return SQLITE_OK }
        unsafe Unmanaged<Handle>.fromOpaque(context).takeUnretainedValue().walPages = pages
        return SQLITE_OK
      }, unsafe Unmanaged.passUnretained(handle).toOpaque())
  }

  /// Pages in the WAL after this connection's last commit; 0 before the first.
  package var walPages: Int { Int(handle.walPages) }

  /// Moves what it can of the WAL into the database file without waiting for any reader
  /// (sqlite.org/c3ref/wal_checkpoint_v2.html, PASSIVE). Syncs both files.
  /// - Returns: whether all of the WAL is in the database file now: a reader may need what was there before, and
  ///   somebody else may be checkpointing.
  @discardableResult
  package borrowing func checkpointPassively() throws(SQLiteError) -> Bool {
    handle.prepareToRead()
    var (pages, moved): (Int32, Int32) = (-1, -1)
    let code = unsafe sqlite3_wal_checkpoint_v2(
      handle.pointer, nil, SQLITE_CHECKPOINT_PASSIVE, &pages, &moved)
    guard code & 0xff != SQLITE_BUSY else { return false }
    try handle.check(code)
    return pages >= 0 && pages == moved
  }

  /// Moves all of the WAL into the database file and cuts it to nothing (TRUNCATE): waits for writers and readers as long as
  /// for locks. Syncs both files.
  /// - Returns: false where somebody reads what was there before.
  package borrowing func checkpointEmptying() throws(SQLiteError) -> Bool {
    handle.prepareToRead()
    let code = unsafe sqlite3_wal_checkpoint_v2(
      handle.pointer, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
    guard code & 0xff != SQLITE_BUSY else { return false }
    try handle.check(code)
    return true
  }

  /// The library's version, for instance "3.40.1".
  package static var libraryVersion: String { unsafe String(cString: sqlite3_libversion()) }
}

/// A transaction, rolled back unless it is committed.
package struct Transaction: ~Copyable {
  private let handle: Connection.Handle
  private var isOpen = true

  init(_ handle: Connection.Handle, _ begin: String = "BEGIN IMMEDIATE") throws(SQLiteError) {
    self.handle = handle
    handle.prepareToRead()
    try unsafe handle.check(sqlite3_exec(handle.pointer, begin, nil, nil, nil))
  }

  /// After an error the transaction is rolled back; whether it had reached the file is then unknown to the
  /// caller, who repeats it only if that is idempotent.
  package consuming func commit() throws(SQLiteError) {
    try unsafe handle.check(sqlite3_exec(handle.pointer, "COMMIT", nil, nil, nil))
    isOpen = false
  }

  deinit {
    // SQLite has rolled back by itself after some errors; autocommit tells.
    if isOpen, unsafe sqlite3_get_autocommit(handle.pointer) == 0 {
      unsafe sqlite3_exec(handle.pointer, "ROLLBACK", nil, nil, nil)
    }
  }
}
