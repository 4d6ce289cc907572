internal import Glibc
internal import Linux
internal import SQLite
internal import Schema

/// Makes a ledger, alone: under the append queue's lock, so that of many who find none only one does.
enum LedgerCreation {
  static func run(
    _ directory: LedgerDirectory, _ queue: inout AppendQueue, milliseconds: Int
  ) throws(LedgerError) -> LedgerReader {
    try queue.enter(milliseconds: milliseconds)
    defer { queue.leave() }
    // Who waited for the lock may find it made.
    if let made = try LedgerWriter.openExisting(directory) { return made }
    do {
      return try make(directory)
    } catch let error as SQLiteError {
      throw LedgerError(error, directory.path)
    } catch let error as SystemCallError {
      throw LedgerError(error, directory.path)
    } catch let error as LedgerError {
      throw error
    } catch {
      throw .inputOutput(path: directory.path, reason: "\(error)")
    }
  }

  /// One who was killed here leaves a file without a schema, and the next begins again.
  private static func make(_ directory: LedgerDirectory) throws -> LedgerReader {
    let file = try Descriptor.open(directory.database, O_RDWR | O_CREAT, mode: 0o600)
    fchmod(file.fd, 0o600)
    // Closed before SQLite opens it: closing it later would drop SQLite's own locks (fcntl(2)).
    _ = consume file

    let connection = try LedgerReader.open(directory.database, .readWrite)
    guard try connection.integer("SELECT COUNT(*) FROM sqlite_schema") == 0 else {
      throw LedgerError.damaged(
        path: directory.path, reason: "its ledger.db is another program's database")
    }
    try connection.execute("PRAGMA journal_mode = WAL")
    try connection.execute("PRAGMA synchronous = FULL")
    connection.countWALPages()
    let transaction = try connection.begin()
    try connection.execute(Schema.ledger)
    var insert = try connection.prepare("INSERT INTO meta (key, value) VALUES (?, ?)")
    for (key, value) in [("ledger_id", newID()), ("created_at", "\(Clock.wallMicroseconds())")] {
      try insert.bind(1, key)
      try insert.bind(2, value)
      try insert.run()
    }
    _ = consume insert
    try connection.execute("PRAGMA application_id = 1952542319")  // "taro"
    try connection.execute("PRAGMA user_version = \(LedgerReader.formatVersion)")
    try transaction.commit()
    // The files' names have to survive a power cut too, the WAL's among them.
    try LedgerDirectory.sync(directory.path)
    return try LedgerReader(directory, connection, openedFor: .readWrite)
  }

  private static func newID() -> String {
    var random = SystemRandomNumberGenerator()
    let id = UInt128(random.next()) << 64 | UInt128(random.next())
    let text = String(id, radix: 16)
    return String(repeating: "0", count: 32 - text.count) + text
  }
}
