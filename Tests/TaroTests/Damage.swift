import Ledger
import SQLite

/// Harm done to a ledger behind taro's back.
enum Damage {
  /// No stored output can be read any more.
  static func allChunks(_ directory: LedgerDirectory) throws {
    try Connection(directory.database, .readWrite, busyMilliseconds: 1000)
      .execute("UPDATE output SET size = size + 1")
  }
}
