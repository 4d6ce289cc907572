internal import Digests
package import Events
internal import Linux
package import SQLite

/// Reads a ledger through a connection of its own, never through the append queue. Each call is one short read
/// transaction, so that a reader holds no checkpoint back. Used by one thread at a time.
package final class LedgerReader {
  package private(set) var directory: LedgerDirectory
  private var identity: LedgerIdentity
  /// The ledger's identity; with a position it makes a cursor.
  package var ledgerID: String { identity.id }
  /// The id that the chain of digests begins with: the ledger's first.
  package var originID: String { identity.origin }
  package private(set) var connection: Connection
  private let mode: Connection.Mode
  /// The last event that it knows of; nil: all that there are.
  package let horizon: Seq?
  /// The place where the ledger was last written.
  var place: LedgerPlace? { identity.place }
  /// The events that are known to have been in the ledger when it was opened, and were not found.
  package private(set) var absent: MissingEvents?
  /// The same where only damage explains it: the ledger is only read then, and nothing beside it is written.
  package var missing: MissingEvents? { absent.flatMap { $0.cause == .damage ? $0 : nil } }
  /// The notes in ledger.lock that said nothing when the ledger was opened, so that something may be missing that
  /// nobody knows of.
  package private(set) var damagedNotes: DamagedNotes?
  /// The file that is open: at its name there may be another by now.
  private let file: FileIdentity?

  /// True when another ledger stands at the name of this one. One system call.
  package var isReplaced: Bool {
    guard let now = FileIdentity(directory.database) else { return false }
    return now != file
  }

  /// False when the ledger's directory, or its file, has got another name: at this one there may be nothing.
  package var isAtItsName: Bool { FileIdentity(directory.database).map { $0 == file } ?? false }

  /// Opens the ledger for reading.
  /// - Throws: `missing` when there is none, or it is just being made; `newerFormat`.
  package convenience init(_ directory: LedgerDirectory) throws(LedgerError) {
    guard try directory.isSafeToRead() else { throw .missing(path: directory.path) }
    let notes = try QueueFile.read(directory)
    // One without any bytes is not opened: SQLite would remove its WAL.
    guard directory.hasDatabase else { throw Self.missing(.gone, directory) }
    guard try directory.databaseBytes() > 0 else { throw Self.missing(.empty, directory) }
    try directory.refuseSpecialDatabase()
    do throws(SQLiteError) {
      // Before it is opened: of what comes between, the worst is that it is opened once more.
      let file = FileIdentity(directory.database)
      try self.init(
        directory, .readOnly, file)
    } catch {
      // Only a ledger that is being made has such a journal: the next writer begins again.
      throw error.needsRollback
        ? .missing(path: directory.path) : LedgerError(error, directory.path)
    }
    guard formatVersion != 0 else { throw Self.missing(.unmade, directory) }
    try refuseNewerFormat()
    absent = try findAbsent(notes)
    damagedNotes = try doubts(notes)
  }

  /// Returns the notes that do not fit, for want of which something cannot be known; nil where all fit.
  func doubts(_ notes: QueueNotes) throws(LedgerError) -> DamagedNotes? {
    guard !notes.damaged.isEmpty else { return nil }
    return DamagedNotes(notes: notes.damaged, last: try head().seq)
  }

  private static func missing(
    _ emptiness: Continuity.Emptiness, _ directory: LedgerDirectory
  ) -> LedgerError {
    // Anew: it may have been put aside since, and who does that makes another in a moment.
    guard let notes = try? QueueFile.read(directory) else { return .missing(path: directory.path) }
    let isBeingMade =
      (notes.sealing != nil || notes.damaged.contains(.sealing))
      && QueueFile.isBeingSealed(directory)
    return (isBeingMade ? nil : emptiness.error(notes, directory))
      ?? .missing(path: directory.path)
  }

  /// Twice before it is believed: without the queue the note may be read while it is written, and another ledger may
  /// have taken the place of this one. What cannot be read at all tells of itself.
  private func findAbsent(_ notes: QueueNotes) throws(LedgerError) -> MissingEvents? {
    var notes = notes
    var found: MissingEvents?
    for _ in 0..<2 {
      guard
        case .missing(let events)? = try? Continuity.of(self, notes, NotedPlace(directory)),
        !isReplaced
      else { return nil }
      found = events
      notes = try QueueFile.read(directory)
    }
    return found
  }

  /// False when the id is damaged.
  var hasID: Bool { identity.isWhole }

  func refuseNewerFormat() throws(LedgerError) {
    guard formatVersion == LedgerFormat.version else {
      throw .newerFormat(path: directory.path, version: formatVersion)
    }
  }

  package static func open(
    _ path: String, _ mode: Connection.Mode,
    busyMilliseconds: Int32 = LedgerDirectory.busyMilliseconds
  ) throws(SQLiteError) -> Connection {
    let connection = try Connection(path, mode, busyMilliseconds: busyMilliseconds)
    connection.setNoCheckpointOnClose()
    connection.setDefensive()
    return connection
  }

  /// Opens a ledger of any format; what stands in one of another format is left alone.
  /// - Parameter busyMilliseconds: how long SQLite's locks are waited for.
  init(
    _ directory: LedgerDirectory, _ mode: Connection.Mode, _ file: FileIdentity?,
    upTo horizon: Seq? = nil, busyMilliseconds: Int32 = LedgerDirectory.busyMilliseconds
  ) throws(SQLiteError) {
    self.directory = directory
    self.file = file
    self.mode = mode
    self.horizon = horizon
    connection = try Self.open(directory.database, mode, busyMilliseconds: busyMilliseconds)
    if let horizon { try LedgerHorizon.draw(connection, horizon) }
    formatVersion = try self.connection.integer("PRAGMA user_version")
    guard formatVersion == LedgerFormat.version else {
      identity = .unknown
      return
    }
    identity = try LedgerIdentity(self.connection)
  }

  /// Its directory has another name now.
  func hasMoved(to directory: LedgerDirectory) { self.directory = directory }
  /// Tells whether whoever appended last had other files open than stand at the names of WAL and index now: one was
  /// removed, and what was appended may not be seen.
  package static func isPastWriters(_ directory: LedgerDirectory) -> Bool {
    guard let noted = try? QueueFile.read(directory).walFiles else { return false }
    return WALFiles(directory) != noted
  }

  /// The files of WAL and index that the last writer had open, as something to compare; nil when nobody has said so.
  package var filesOfWriters: [UInt64]? {
    (try? QueueFile.read(directory))?.walFiles.map { [$0.wal, $0.index] }
  }

  /// Opens WAL and index anew: somebody has removed those that are open.
  package func followFiles() throws(LedgerError) {
    try mapped { () throws(SQLiteError) in try reopen() }
  }

  /// Opens the files that stand at the names of WAL and index now.
  func reopen() throws(SQLiteError) {
    // Closed first: while a process has a database open, SQLite gives it the same index again.
    connection = try Connection("", .create, busyMilliseconds: 0)
    connection = try Self.open(directory.database, mode)
    if let horizon { try LedgerHorizon.draw(connection, horizon) }
  }

  /// The same ledger as it was when that event was its last: what came later is not there.
  package func upTo(_ position: Seq) throws(LedgerError) -> LedgerReader {
    try mapped { () throws(SQLiteError) in
      let reader = try LedgerReader(directory, .readOnly, file, upTo: position)
      (reader.absent, reader.damagedNotes) = (absent, damagedNotes)
      return reader
    }
  }

  /// Reads anew what a writer may have changed.
  func readIdentity() throws(LedgerError) {
    identity = try mapped { () throws(SQLiteError) in try LedgerIdentity(connection) }
  }

  /// 0 while the ledger is being made.
  package let formatVersion: Int64

  func mapped<Result>(
    _ body: () throws(SQLiteError) -> Result
  ) throws(LedgerError) -> Result {
    do throws(SQLiteError) { return try body() } catch { throw LedgerError(error, directory.path) }
  }

  /// The last event's position and digest; position 0 and the genesis digest in an empty ledger.
  package func head() throws(LedgerError) -> (seq: Seq, digest: Digest) {
    try mapped { () throws(SQLiteError) in try uncheckedHead() }
  }

  func uncheckedHead() throws(SQLiteError) -> (seq: Seq, digest: Digest) {
    var statement = try connection.prepare(
      "SELECT seq, digest FROM event ORDER BY seq DESC LIMIT 1")
    guard try statement.step() else { return (.start, Chain.genesis(ledgerID: originID)) }
    let digest = statement.digest(1)
    return (statement.seq(0), digest ?? Chain.genesis(ledgerID: ""))
  }

  /// The digest of the event at that position; the genesis digest for 0, nil when there is no such event.
  /// - Parameter withLater: also of one that is behind the horizon.
  package func digest(at seq: Seq, withLater: Bool = false) throws(LedgerError) -> Digest? {
    guard seq > .start else { return Chain.genesis(ledgerID: originID) }
    return try mapped { () throws(SQLiteError) in
      let table = withLater ? "main.event" : "event"
      var statement = try connection.prepare("SELECT digest FROM \(table) WHERE seq = ?")
      try statement.bind(1, seq)
      return try statement.step() ? statement.digest(0) : nil
    }
  }

  static let columns = "seq, at, mono, job, instance, n, kind, data, payload, digest"

  static func event(_ row: borrowing Statement) -> Event {
    unsafe Event(
      seq: row.seq(0), at: row.wallTime(1), mono: row.bootTime(2), job: row.optionalText(3),
      instance: row.withBytes(4) { unsafe InstanceID($0) }, n: row.optionalInteger(5),
      kind: EventKind(name: row.text(6)), data: row.text(7),
      payload: row.isNull(8) ? nil : row.digest(8),
      digest: row.digest(9) ?? Digest(of: []))
  }

  /// The data of events that one call gives, in bytes, about: of events of a megabyte each (a long command line) there
  /// are few.
  static let bytesAtOnce = 4 << 20

  private func events(
    _ condition: String, of table: String = "event", limit: Int, bytes: Int = .max,
    _ bind: (inout Statement) throws(SQLiteError) -> Void
  ) throws(LedgerError) -> [Event] {
    try mapped { () throws(SQLiteError) in
      var statement = try connection.prepare(
        "SELECT \(Self.columns) FROM \(table) WHERE \(condition) LIMIT \(limit)")
      try bind(&statement)
      var events: [Event] = []
      var left = bytes
      while left > 0, try statement.step() {
        let event = Self.event(statement)
        left -= event.data.utf8.count
        events.append(event)
      }
      return events
    }
  }

  /// Up to `limit` events after that position, in order; fewer where they are large, none when there are no more. With
  /// the limit `.max` all, whatever memory they take.
  package func events(after seq: Seq, limit: Int) throws(LedgerError) -> [Event] {
    try events("seq > ? ORDER BY seq", limit: limit, bytes: limit == .max ? .max : Self.bytesAtOnce)
    {
      statement throws(SQLiteError) in
      try statement.bind(1, seq)
    }
  }

  /// Gives up to `limit` events after that position and not behind `end` to `body`, one at a time, without keeping them. Returns how
  /// many there were. The read transaction lasts as long as the call.
  package func forEachEvent(
    after seq: Seq, upTo end: Seq = .max, limit: Int, _ body: (Event) -> Void
  ) throws(LedgerError) -> Int {
    try readEvents(after: seq, upTo: end, limit: limit) { event in
      body(event)
      return true
    }
  }

  /// The same, until `body` returns false: the event that it was given then counts.
  package func readEvents(
    after seq: Seq, upTo end: Seq = .max, limit: Int, _ body: (Event) -> Bool
  ) throws(LedgerError) -> Int {
    try mapped { () throws(SQLiteError) in
      var statement = try connection.prepare(
        "SELECT \(Self.columns) FROM event WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT \(limit)")
      try statement.bind(1, seq)
      try statement.bind(2, end)
      var count = 0
      while try statement.step() {
        count += 1
        guard body(Self.event(statement)) else { break }
      }
      return count
    }
  }

  /// Events of one instance after position `n`, up to `limit`, fewer where they are large, none when there are no more;
  /// output and status only when asked for. With the limit `.max` all, whatever memory they take.
  package func events(
    of instance: InstanceID, after n: Int64 = 0, withOutput: Bool = false, limit: Int = 10_000
  ) throws(LedgerError) -> [Event] {
    let filter = withOutput ? "" : "AND kind NOT IN ('output', 'status')"
    return try events(
      "instance = ? AND n > ? \(filter) ORDER BY n", limit: limit,
      bytes: limit == .max ? .max : Self.bytesAtOnce
    ) { statement throws(SQLiteError) in
      try statement.bind(1, instance.text)
      try statement.bind(2, n)
    }
  }

  /// Gives all events of one instance to `body`, in order, without keeping them; output and status only when asked for.
  /// In pages: no read transaction lasts as long as `body` may take.
  package func forEachEvent(
    of instance: InstanceID, withOutput: Bool = false, _ body: (Event) -> Void
  ) throws(LedgerError) {
    var n: Int64 = 0
    while true {
      let page = try events(of: instance, after: n, withOutput: withOutput)
      for event in page { body(event) }
      guard let last = page.last?.n else { return }
      n = last
    }
  }

  /// All events of these kinds after that position that belong to no instance, in order. Found by an index of such
  /// events alone: a ledger without any costs microseconds, however long it is.
  /// - Parameter withLater: also those that are behind the horizon.
  package func hostEvents(
    _ kinds: [EventKind], after seq: Seq = .start, withLater: Bool = false
  ) throws(LedgerError) -> [Event] {
    try events(
      Self.ofHost(kindCount: kinds.count), of: withLater ? "main.event" : "event", limit: .max
    ) { statement throws(SQLiteError) in
      for (index, kind) in kinds.enumerated() {
        try statement.bind(Int32(index + 1), kind.name)
      }
      try statement.bind(Int32(kinds.count + 1), seq)
    }.sorted { $0.seq < $1.seq }
  }

  /// In the order of the index event_of_host: SQLite would rather read the events of no instance in another index, where
  /// all kinds of them stand together.
  static func ofHost(kindCount: Int) -> String {
    let names = repeatElement("?", count: kindCount).joined(separator: ", ")
    return "instance IS NULL AND kind IN (\(names)) AND seq > ? ORDER BY kind, seq"
  }

  /// The events of these kinds after that position and not behind `end`, whichever instance they belong to, in order. The rows
  /// between are passed over, which takes some tenth of a microsecond each.
  package func events(
    _ kinds: [EventKind], after seq: Seq, upTo end: Seq
  ) throws(LedgerError) -> [Event] {
    let names = repeatElement("?", count: kinds.count).joined(separator: ", ")
    return try events("seq > ? AND seq <= ? AND +kind IN (\(names)) ORDER BY seq", limit: .max) {
      statement throws(SQLiteError) in
      try statement.bind(1, seq)
      try statement.bind(2, end)
      for (index, kind) in kinds.enumerated() {
        try statement.bind(Int32(index + 3), kind.name)
      }
    }
  }

  /// The last events of this kind that belong to no instance, up to `limit`, the newest first.
  package func newestHostEvents(
    _ kind: EventKind, limit: Int
  ) throws(LedgerError) -> [Event] {
    try events("instance IS NULL AND kind = ? ORDER BY seq DESC", limit: limit) {
      statement throws(SQLiteError) in try statement.bind(1, kind.name)
    }
  }

  /// The last event of this kind that belongs to no instance; nil when there is none. Reads one row.
  package func newestHostEvent(_ kind: EventKind) throws(LedgerError) -> Event? {
    try events("instance IS NULL AND kind = ? ORDER BY seq DESC", limit: 1) {
      statement throws(SQLiteError) in try statement.bind(1, kind.name)
    }.first
  }

  /// The instance's last event, nil when it has none. Reads one row.
  package func lastEvent(of instance: InstanceID) throws(LedgerError) -> Event? {
    try events("instance = ? ORDER BY n DESC", limit: 1) { statement throws(SQLiteError) in
      try statement.bind(1, instance.text)
    }.first
  }

  /// The position of the last event that happened before that time. Times in the ledger
  /// follow the clock, which may have been set back: the first event at or after the time decides.
  package func position(before time: WallTime) throws(LedgerError) -> Seq {
    try mapped { () throws(SQLiteError) in
      var statement = try connection.prepare(
        "SELECT COALESCE((SELECT seq - 1 FROM event WHERE at >= ? ORDER BY seq LIMIT 1), "
          + "(SELECT MAX(seq) FROM event), 0)")
      try statement.bind(1, time)
      return try statement.step() ? statement.seq(0) : .start
    }
  }
}
