internal import CSQLite

extension Connection {
  /// Copies the whole database into that of another connection, page by page and as it is at the beginning
  /// (sqlite.org/c3ref/backup_finish.html). A read transaction is open as long as it lasts, so writers go on, and a checkpoint
  /// does not get past it.
  /// - Parameter progress: told how many pages are done, and of how many.
  package borrowing func copy(
    into target: borrowing Connection, progress: (_ done: Int, _ total: Int) -> Void
  ) throws(SQLiteError) {
    try execute("BEGIN")
    defer { unsafe sqlite3_exec(handle.pointer, "ROLLBACK", nil, nil, nil) }
    // Now, so that all steps are of one moment.
    _ = try integer("SELECT COUNT(*) FROM sqlite_schema")
    guard
      let backup = unsafe sqlite3_backup_init(target.handle.pointer, "main", handle.pointer, "main")
    else { throw unsafe SQLiteError(last: target.handle.pointer) }
    var code = SQLITE_OK
    while code == SQLITE_OK {
      code = unsafe sqlite3_backup_step(backup, Self.pagesOfStep)
      let (left, total) = unsafe (
        sqlite3_backup_remaining(backup), sqlite3_backup_pagecount(backup)
      )
      progress(Int(total - left), Int(total))
    }
    let end = unsafe sqlite3_backup_finish(backup)
    guard code == SQLITE_DONE else {
      if end != SQLITE_OK { throw unsafe SQLiteError(last: target.handle.pointer) }
      throw unsafe SQLiteError(code: code, message: String(cString: sqlite3_errstr(code)))
    }
  }

  private static let pagesOfStep: Int32 = 4096
}
