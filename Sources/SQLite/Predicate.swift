internal import CSQLite

/// The arguments of a predicate, valid only while it is called: as they are borrowed and cannot be copied, none outlives
/// the call.
@safe package struct PredicateArguments: ~Copyable {
  fileprivate let values: UnsafeMutablePointer<OpaquePointer?>

  /// A copy; "" for NULL.
  package func text(_ index: Int) -> String {
    unsafe withBytes(index) { unsafe String(decoding: $0, as: UTF8.self) }
  }

  /// The argument's bytes in place, none for NULL.
  package func withBytes<Result>(
    _ index: Int, _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    let base = unsafe sqlite3_value_blob(values[index])
    let count = unsafe Int(sqlite3_value_bytes(values[index]))
    return unsafe body(UnsafeRawBufferPointer(start: base, count: base == nil ? 0 : count))
  }
}

extension Connection {
  /// Gives SQL on this connection a function that is 1 or 0, in place of one of the same name: so that what SQL cannot
  /// say still decides before rows are sorted, counted or limited. No statement may be half-read. `body` gives the same
  /// answer for the same arguments, and is called by the thread that steps the statement.
  package borrowing func define(
    _ name: String, arguments: Int32, _ body: @escaping (borrowing PredicateArguments) -> Bool
  ) throws(SQLiteError) {
    // After an error SQLite has released it.
    try unsafe handle.check(
      sqlite3_create_function_v2(
        handle.pointer, name, arguments, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
        Unmanaged.passRetained(Predicate(body)).toOpaque(),
        { context, _, values in
          guard let values = unsafe values, let predicate = unsafe sqlite3_user_data(context) else {
            return
          }
          let body = unsafe Unmanaged<Predicate>.fromOpaque(predicate).takeUnretainedValue().body
          unsafe sqlite3_result_int(context, body(PredicateArguments(values: values)) ? 1 : 0)
        }, nil, nil,
        { predicate in
          guard let predicate = unsafe predicate else { return }
          unsafe Unmanaged<Predicate>.fromOpaque(predicate).release()
        }))
  }
}

private final class Predicate {
  let body: (borrowing PredicateArguments) -> Bool
  init(_ body: @escaping (borrowing PredicateArguments) -> Bool) { self.body = body }
}
