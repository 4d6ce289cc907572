internal import CSQLite

/// A prepared statement. Parameters count from 1, columns from 0. Values read are copies, but for
/// `withBytes`.
@safe package struct Statement: ~Copyable {
  private let handle: Connection.Handle
  private let pointer: OpaquePointer

  init(_ handle: Connection.Handle, _ sql: String) throws(SQLiteError) {
    var pointer: OpaquePointer?
    try unsafe handle.check(sqlite3_prepare_v2(handle.pointer, sql, -1, &pointer, nil))
    guard let pointer = unsafe pointer else {
      throw SQLiteError(code: SQLITE_MISUSE, message: "no statement in: \(sql)")
    }
    self.handle = handle
    unsafe self.pointer = pointer
  }

  deinit { unsafe sqlite3_finalize(pointer) }

  /// Copies what is bound (SQLITE_TRANSIENT).
  private static let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)

  package mutating func bind(_ index: Int32, _ value: Int64?) throws(SQLiteError) {
    guard let value else { return try bindNull(index) }
    try unsafe handle.check(sqlite3_bind_int64(pointer, index, value))
  }

  package mutating func bind(_ index: Int32, _ value: String?) throws(SQLiteError) {
    guard var value else { return try bindNull(index) }
    let code = value.withUTF8 { bytes in
      // An empty buffer may have no address, which SQLite would read as NULL.
      unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
        guard let base = characters.baseAddress, characters.count > 0 else {
          return unsafe sqlite3_bind_text(pointer, index, "", 0, Self.copied)
        }
        return unsafe sqlite3_bind_text(pointer, index, base, Int32(characters.count), Self.copied)
      }
    }
    try handle.check(code)
  }

  package mutating func bind(_ index: Int32, _ value: [UInt8]?) throws(SQLiteError) {
    guard let value else { return try bindNull(index) }
    let code = unsafe value.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, bytes.count > 0 else {
        return unsafe sqlite3_bind_zeroblob(pointer, index, 0)
      }
      return unsafe sqlite3_bind_blob(pointer, index, base, Int32(bytes.count), Self.copied)
    }
    try handle.check(code)
  }

  /// Binds bytes that stay where they are: they must live, unchanged, until the statement is reset.
  package mutating func bindUncopied(
    _ index: Int32, _ bytes: UnsafeRawBufferPointer
  ) throws(SQLiteError) {
    guard let base = bytes.baseAddress, bytes.count > 0 else {
      return try unsafe handle.check(sqlite3_bind_zeroblob(pointer, index, 0))
    }
    try unsafe handle.check(sqlite3_bind_blob(pointer, index, base, Int32(bytes.count), nil))
  }

  private func bindNull(_ index: Int32) throws(SQLiteError) {
    try unsafe handle.check(sqlite3_bind_null(pointer, index))
  }

  /// True when there is a row to read.
  package mutating func step() throws(SQLiteError) -> Bool {
    switch unsafe sqlite3_step(pointer) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default:
      let error = unsafe SQLiteError(last: handle.pointer)
      unsafe sqlite3_reset(pointer)
      throw error
    }
  }

  /// Runs a statement that gives no rows, and makes it ready for the next use.
  package mutating func run() throws(SQLiteError) {
    while try step() {}
    reset()
  }

  /// Ends the read transaction that a half-read statement holds. Bindings stay.
  package mutating func reset() { unsafe sqlite3_reset(pointer) }

  package func isNull(_ column: Int32) -> Bool {
    unsafe sqlite3_column_type(pointer, column) == SQLITE_NULL
  }

  package func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(pointer, column) }

  package func optionalInteger(_ column: Int32) -> Int64? {
    isNull(column) ? nil : integer(column)
  }

  package func text(_ column: Int32) -> String {
    guard let base = unsafe sqlite3_column_text(pointer, column) else { return "" }
    let count = unsafe Int(sqlite3_column_bytes(pointer, column))
    return unsafe String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self)
  }

  package func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

  package func bytes(_ column: Int32) -> [UInt8] { unsafe withBytes(column) { unsafe Array($0) } }

  /// The column's bytes in place, valid only inside `body`.
  package func withBytes<Result, Failure>(
    _ column: Int32, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let base = unsafe sqlite3_column_blob(pointer, column)
    let count = unsafe Int(sqlite3_column_bytes(pointer, column))
    return try unsafe body(UnsafeRawBufferPointer(start: base, count: base == nil ? 0 : count))
  }
}
