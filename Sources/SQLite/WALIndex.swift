internal import CSQLite

/// The word of a WAL's index about it: how many of its frames count, and by which numbers they are known. As the
/// connection has it in its memory (sqlite.org/walformat.html, 2.1).
package struct WALIndex: Equatable, Sendable {
  /// 0: what counts is in the database.
  package let pages: Int
  /// The bytes of a page.
  package let pageBytes: Int
  /// The salts in the WAL's header, its bytes 16 to 23, in this order.
  package let salts: [UInt8]

  /// The bytes that a WAL has at least.
  package var walBytes: Int { 32 + pages * (24 + pageBytes) }
}

extension Connection {
  /// The word of the index now; nil where the connection has none, or somebody writes it just now. No system call: SQLite
  /// has it mapped since the first read.
  package var walIndex: WALIndex? {
    handle.prepareToRead()
    guard let block = unsafe csqlite_wal_index(handle.pointer) else { return nil }
    // The header stands there twice, and who writes it writes the second first.
    let bytes = unsafe UnsafeRawBufferPointer(start: block, count: 2 * Self.indexHeaderBytes)
    let (first, second) = unsafe (
      Array(bytes[..<Self.indexHeaderBytes]), Array(bytes[Self.indexHeaderBytes...])
    )
    guard first == second else { return nil }
    let pages = unsafe first.withUnsafeBytes {
      unsafe $0.loadUnaligned(fromByteOffset: 16, as: UInt32.self)
    }
    let size = unsafe first.withUnsafeBytes {
      unsafe $0.loadUnaligned(fromByteOffset: 14, as: UInt16.self)
    }
    // 64 KiB does not fit, and is written as 1.
    return WALIndex(
      pages: Int(pages), pageBytes: size == 1 ? 65536 : Int(size), salts: Array(first[32..<40]))
  }

  private static var indexHeaderBytes: Int { 48 }
}
