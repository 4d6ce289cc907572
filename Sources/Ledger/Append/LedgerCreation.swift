internal import Digests
internal import Events
internal import Glibc
internal import Linux
internal import SQLite
internal import Schema

/// Makes a ledger. Inside the append queue, so that nobody else does.
enum LedgerCreation {
  /// - Parameter sealed: the ledger before it, which its first event names.
  static func run(_ directory: LedgerDirectory, sealed: SealedLedger?) throws(LedgerError) {
    do {
      try make(directory, sealed)
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
  private static func make(_ directory: LedgerDirectory, _ sealed: SealedLedger?) throws {
    let file = try Descriptor.openRegular(directory.database, O_RDWR | O_CREAT, mode: 0o600)
    fchmod(file.fd, 0o600)
    // Closed before SQLite opens it: closing it later would drop SQLite's own locks (fcntl(2)).
    _ = consume file

    let connection = try LedgerReader.open(directory.database, .readWrite)
    try refuseOther(connection, directory)
    // Before anything else is written: what retention drops is given back to the file system.
    try connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    try connection.execute("PRAGMA journal_mode = WAL")
    try connection.execute("PRAGMA synchronous = FULL")
    connection.countWALPages()
    let transaction = try connection.begin()
    try connection.execute(Schema.ledger)
    let id = LedgerIdentity.newID()
    var meta = [(LedgerIdentity.Key.origin, id), ("created_at", "\(WallTime.now.microseconds)")]
    if let place = NotedPlace(directory) {
      meta.append((LedgerIdentity.Key.place, LedgerPlace(place.file).text))
    }
    for (key, value) in meta { try LedgerIdentity.write(key, value, connection) }
    if let sealed {
      let first = NewEvent(
        at: .now, mono: .now, job: nil, instance: nil,
        kind: .sealed, data: sealed.json)
      var insertion = try EventInsertion(connection)
      _ = try insertion.run(first, seq: .first, n: nil, after: Chain.genesis(ledgerID: id))
    }
    try connection.execute("PRAGMA application_id = \(LedgerFormat.applicationID)")
    try connection.execute("PRAGMA user_version = \(LedgerFormat.version)")
    try transaction.commit()
    // The files' names have to survive a power cut too, the WAL's among them.
    try LedgerDirectory.sync(directory.path)
  }

  /// A database that is none of ours stays where it is; one of ours that says it was never finished is damaged.
  private static func refuseOther(
    _ connection: borrowing Connection, _ directory: LedgerDirectory
  ) throws {
    guard try connection.integer("SELECT COUNT(*) FROM sqlite_schema") != 0 else { return }
    guard try connection.integer("PRAGMA application_id") == LedgerFormat.applicationID else {
      throw LedgerError.unsafe(path: directory.path, .isOfAnotherProgram)
    }
    throw LedgerError.damaged(
      path: directory.path, reason: "it has tables and says that it has none")
  }
}
