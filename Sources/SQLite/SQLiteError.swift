internal import CSQLite

/// An error of SQLite, as the program needs to tell it apart; the extended code and SQLite's own sentence are for the
/// message. Codes: sqlite.org/rescode.html.
package struct SQLiteError: Error, Sendable, CustomStringConvertible {
  package enum Kind: Sendable {
    /// No space left, or a quota or file size limit reached.
    case full
    /// The file, its directory or its file system cannot be written.
    case readOnly
    /// The file is missing, or may not be opened.
    case cannotOpen
    /// A read or write of the file failed.
    case inputOutput
    /// The file is damaged, or is not a database at all.
    case damaged
    /// A lock was held for longer than the connection waits.
    case busy
    /// A UNIQUE, CHECK or trigger refused the change.
    case constraint
    /// Anything else: a fault of the caller, or memory.
    case other
  }

  package let kind: Kind
  /// SQLite's extended result code.
  package let code: Int32
  package let message: String

  /// A statement that names what is not there: where the statements are right, the schema is not.
  package var isOfSQL: Bool { code & 0xff == SQLITE_ERROR }

  package var description: String { "\(message) (SQLite \(code))" }

  /// A transaction with a rollback journal was cut short, and only a connection that may write can undo it
  /// (sqlite.org/rescode.html#readonly_rollback).
  package var needsRollback: Bool { code == SQLITE_READONLY | 3 << 8 }

  /// A WAL that ends before what its index tells of (sqlite.org/rescode.html#ioerr_short_read): of a database's own pages none
  /// is expected to be there.
  package var isOfShortWAL: Bool { code == SQLITE_IOERR | 2 << 8 }

  /// Somebody holds what is wanted.
  package static let busy = SQLiteError(code: SQLITE_BUSY, message: "database is locked")

  init(code: Int32, message: String) {
    self.code = code
    self.message = message
    kind =
      switch code & 0xff {
      case _ where code == Self.wrongData: .damaged
      case SQLITE_FULL: .full
      case SQLITE_READONLY, SQLITE_PERM: .readOnly
      case SQLITE_CANTOPEN: .cannotOpen
      case SQLITE_IOERR: .inputOutput
      case SQLITE_CORRUPT, SQLITE_NOTADB: .damaged
      case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: .busy
      case SQLITE_CONSTRAINT: .constraint
      default: .other
      }
  }

  /// The error that the connection's last call left.
  init(last handle: OpaquePointer?) {
    unsafe self.init(
      code: sqlite3_extended_errcode(handle), message: String(cString: sqlite3_errmsg(handle)))
  }
}
