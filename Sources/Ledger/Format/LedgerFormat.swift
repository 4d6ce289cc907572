/// The numbers in the header of ledger.db.
package enum LedgerFormat {
  /// SQLite's `application_id`: "taro".
  package static let applicationID: Int64 = 1_952_542_319
  /// SQLite's `user_version`: the format that this taro writes.
  package static let version: Int64 = 1
  /// SQLite's `page_size`.
  package static let pageBytes = 4096
}
