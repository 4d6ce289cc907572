import Ledger
import SQLite
import TestSupport

/// Harm done to a ledger behind taro's back.
enum Damage {
  /// No stored output can be read any more.
  static func allChunks(_ directory: LedgerDirectory) throws {
    try Connection(directory.database, .readWrite, busyMilliseconds: 1000)
      .execute("UPDATE output SET size = size + 1")
  }
}

/// A database file as it stands on disk.
struct DatabaseBytes: CustomStringConvertible {
  private(set) var bytes: [UInt8]

  var description: String { "\(bytes.count) bytes" }

  /// The number, from 0, of the last page that has these bytes.
  func lastPage(with wanted: [UInt8]) -> Int? {
    (0..<bytes.count / 4096).last { page in
      let content = bytes[page * 4096..<(page + 1) * 4096]
      return content.indices.dropLast(wanted.count - 1).contains { index in
        content[index] == wanted[0] && content[index..<index + wanted.count].elementsEqual(wanted)
      }
    }
  }

  /// A WAL's frames follow its header of 32 bytes, each with a header of 24 bytes that begins with the page's number
  /// (SQLite's file format, section 4.1).
  fileprivate mutating func apply(wal: [UInt8]) {
    var offset = 32
    while offset + 24 + 4096 <= wal.count {
      let number = wal[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
      let end = number * 4096
      if bytes.count < end { bytes += Array(repeating: 0, count: end - bytes.count) }
      bytes.replaceSubrange(end - 4096..<end, with: wal[offset + 24..<offset + 24 + 4096])
      offset += 24 + 4096
    }
  }

  fileprivate init(_ bytes: [UInt8]) { self.bytes = bytes }
}

extension TaroProgram {
  /// The database with all that was in the WAL, which is empty then.
  func checkpointedDatabase() throws -> DatabaseBytes {
    let wal = "\(ledger.path)/ledger.db-wal"
    var database = DatabaseBytes(try Files.contents(ledger.database))
    database.apply(wal: try Files.contents(wal))
    try Files.write([], to: wal)
    try Files.write(database.bytes, to: ledger.database)
    Files.removeTree("\(ledger.path)/ledger.db-shm")
    return database
  }

  func makeForeignDatabase() throws {
    try Connection(ledger.database, .create, busyMilliseconds: 0)
      .execute("CREATE TABLE accounts (name TEXT)")
  }

  /// Lets the ledger have been written elsewhere.
  func forgePlace(_ change: (String) -> String) throws {
    let connection = try Connection(ledger.database, .readWrite, busyMilliseconds: 1000)
    var place = ""
    do {
      var statement = try connection.prepare("SELECT value FROM meta WHERE key = 'place'")
      if try statement.step() { place = statement.text(0) }
    }
    try connection.execute("UPDATE meta SET value = '\(change(place))' WHERE key = 'place'")
  }
}
