internal import CSQLite

/// The file of a connection's database, past its cache. By SQLite's own descriptor: whoever closes another one of the same file
/// loses SQLite's locks on it (fcntl(2)).
@safe struct DatabaseFile {
  /// SQLITE_IOERR_SHORT_READ, whose macro Swift does not see.
  private static let shortRead: Int32 = SQLITE_IOERR | 2 << 8

  private let file: UnsafeMutablePointer<sqlite3_file>
  private let methods: UnsafePointer<sqlite3_io_methods>

  init(_ database: OpaquePointer) throws(SQLiteError) {
    var pointer: UnsafeMutablePointer<sqlite3_file>?
    let code = unsafe sqlite3_file_control(
      database, "main", SQLITE_FCNTL_FILE_POINTER, &pointer)
    guard code == SQLITE_OK, let file = unsafe pointer, let methods = unsafe file.pointee.pMethods
    else { throw SQLiteError(code: SQLITE_IOERR, message: "the database has no file") }
    unsafe self.file = unsafe file
    unsafe self.methods = unsafe methods
  }

  /// Reads bytes; behind the end of the file they are zeros.
  func read(at offset: Int64, _ count: Int) throws(SQLiteError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let code = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe methods.pointee.xRead?(file, buffer.baseAddress, Int32(buffer.count), offset)
        ?? SQLITE_IOERR
    }
    guard code == SQLITE_OK || code == Self.shortRead else {
      throw SQLiteError(code: code, message: "the database cannot be read")
    }
    return bytes
  }

  func clear(at offset: Int64, _ count: Int) throws(SQLiteError) {
    let zeros = [UInt8](repeating: 0, count: count)
    let code = unsafe zeros.withUnsafeBytes { bytes in
      unsafe methods.pointee.xWrite?(file, bytes.baseAddress, Int32(bytes.count), offset)
        ?? SQLITE_IOERR
    }
    guard code == SQLITE_OK else {
      throw SQLiteError(code: code, message: "the database cannot be overwritten")
    }
  }

  func sync() throws(SQLiteError) {
    let code = unsafe methods.pointee.xSync?(file, SQLITE_SYNC_NORMAL) ?? SQLITE_IOERR
    guard code == SQLITE_OK else {
      throw SQLiteError(code: code, message: "the database cannot be flushed")
    }
  }
}
