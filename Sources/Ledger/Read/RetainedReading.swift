package import Events
internal import SQLite

/// A reader is asked what retention has left, and said of it.
extension LedgerReader {
  /// The last word of retention; nil when nothing was ever dropped. Reads one row.
  package func newestRetained() throws(LedgerError) -> Retained? {
    try newestHostEvent(.retained).map { Retained($0.json) }
  }

  /// Bytes of the database in which something stands, without the WAL.
  package func usedBytes() throws(LedgerError) -> Int64 {
    do throws(SQLiteError) {
      // In one statement, of one moment.
      return try connection.integer(
        """
        SELECT (p.page_count - f.freelist_count) * s.page_size
        FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size s
        """)
    } catch { throw LedgerError(error, directory.path) }
  }

  /// Returns the number of events after this position that retention has dropped.
  package func droppedCount(after seq: Seq) throws(LedgerError) -> Int64 {
    do throws(SQLiteError) { return try DroppedRanges.count(after: seq, in: connection) } catch {
      throw LedgerError(error, directory.path)
    }
  }

  /// Tells whether an event stood there that retention has dropped.
  package func isDropped(_ seq: Seq) throws(LedgerError) -> Bool {
    do throws(SQLiteError) {
      return try DroppedRanges.run(around: seq, in: connection) != nil
    } catch { throw LedgerError(error, directory.path) }
  }
}
