internal import CSQLite

/// A prepared statement. Parameters count from 1, columns from 0. Values read are copies, but for
/// `withBytes`.
package struct Statement: ~Copyable {
  private let handle: Connection.Handle
  private let pointer: OpaquePointer

  init(_ handle: Connection.Handle, _ sql: String) throws(SQLiteError) {
    var pointer: OpaquePointer?
    try handle.check(sqlite3_prepare_v2(handle.pointer, sql, -1, &pointer, nil))
    guard let pointer else {
      throw SQLiteError(code: SQLITE_MISUSE, message: "no statement in: \(sql)")
    }
    self.handle = handle
    self.pointer = pointer
  }

  deinit { sqlite3_finalize(pointer) }

  /// Copies what is bound (SQLITE_TRANSIENT).
  private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

  package mutating func bind(_ index: Int32, _ value: Int64?) throws(SQLiteError) {
    guard let value else { return try bindNull(index) }
    try handle.check(sqlite3_bind_int64(pointer, index, value))
  }

  package mutating func bind(_ index: Int32, _ value: String?) throws(SQLiteError) {
    guard var value else { return try bindNull(index) }
    let code = value.withUTF8 { bytes in
      // An empty buffer may have no address, which SQLite would read as NULL.
      bytes.withMemoryRebound(to: CChar.self) { characters in
        guard let base = characters.baseAddress, characters.count > 0 else {
          return sqlite3_bind_text(pointer, index, "", 0, Self.copied)
        }
        return sqlite3_bind_text(pointer, index, base, Int32(characters.count), Self.copied)
      }
    }
    try handle.check(code)
  }

  package mutating func bind(_ index: Int32, _ value: [UInt8]?) throws(SQLiteError) {
    guard let value else { return try bindNull(index) }
    let code = value.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, bytes.count > 0 else {
        return sqlite3_bind_zeroblob(pointer, index, 0)
      }
      return sqlite3_bind_blob(pointer, index, base, Int32(bytes.count), Self.copied)
    }
    try handle.check(code)
  }

  /// Binds bytes that stay where they are: they must live, unchanged, until the statement is reset.
  package mutating func bindUncopied(
    _ index: Int32, _ bytes: UnsafeRawBufferPointer
  ) throws(SQLiteError) {
    guard let base = bytes.baseAddress, bytes.count > 0 else {
      return try handle.check(sqlite3_bind_zeroblob(pointer, index, 0))
    }
    try handle.check(sqlite3_bind_blob(pointer, index, base, Int32(bytes.count), nil))
  }

  private func bindNull(_ index: Int32) throws(SQLiteError) {
    try handle.check(sqlite3_bind_null(pointer, index))
  }

  /// True when there is a row to read.
  package mutating func step() throws(SQLiteError) -> Bool {
    switch sqlite3_step(pointer) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default:
      let error = SQLiteError(last: handle.pointer)
      sqlite3_reset(pointer)
      throw error
    }
  }

  /// Runs a statement that gives no rows, and makes it ready for the next use.
  package mutating func run() throws(SQLiteError) {
    while try step() {}
    reset()
  }

  /// Ends the read transaction that a half-read statement holds. Bindings stay.
  package mutating func reset() { sqlite3_reset(pointer) }

  package func isNull(_ column: Int32) -> Bool {
    sqlite3_column_type(pointer, column) == SQLITE_NULL
  }

  package func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }

  package func optionalInteger(_ column: Int32) -> Int64? {
    isNull(column) ? nil : integer(column)
  }

  package func text(_ column: Int32) -> String {
    guard let base = sqlite3_column_text(pointer, column) else { return "" }
    let count = Int(sqlite3_column_bytes(pointer, column))
    return String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self)
  }

  package func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

  package func bytes(_ column: Int32) -> [UInt8] { withBytes(column) { Array($0) } }

  /// The column's bytes in place, valid only inside `body`.
  package func withBytes<Result, Failure>(
    _ column: Int32, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let base = sqlite3_column_blob(pointer, column)
    let count = Int(sqlite3_column_bytes(pointer, column))
    return try body(UnsafeRawBufferPointer(start: base, count: base == nil ? 0 : count))
  }
}
