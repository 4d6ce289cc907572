package import Events
internal import Glibc
package import Ledger
internal import Linux
internal import SQLite

/// Facts of a ledger and its size, for a person who looks after it. Counts are as of the last event when it was asked;
/// each table is read once, a range at a time. About a second for a million events.
package struct LedgerFacts: Sendable {
  package let directory: String
  package let ledgerID: String
  package let format: Int64
  /// The time at which it was made; nil when the ledger does not say.
  package let createdAt: WallTime?
  package let head: ChainPosition
  package private(set) var events: Int64 = 0
  /// Events that retention has dropped.
  package let dropped: Int64
  package let firstAt: WallTime?
  package let lastAt: WallTime?
  /// Events by kind, the most frequent first.
  package private(set) var kinds: [(name: String, count: Int64)] = []
  package private(set) var chunks: Int64 = 0
  /// Bytes of output: as the jobs wrote it, and as it is stored.
  package private(set) var outputBytes: Int64 = 0
  package private(set) var storedBytes: Int64 = 0
  package let databaseBytes: Int64
  package let walBytes: Int64
  /// With its WAL.
  package let projectionsBytes: Int64
  package let freePages: Int64
  package let pageBytes: Int64
  package var isWritable: Bool { writingProblem == nil }
  /// The reason why nothing can be appended; nil when it can, as far as that is seen without doing it.
  package let writingProblem: String?
  /// Damaged ledgers that were put aside in the directory.
  package let sealed: [String]
  /// Spools of which not all is in the ledger.
  package let refusedSpools: [String]
  /// Instances of which something could not be taken in yet.
  package let spooled: SpooledInstances
  package let sqliteVersion: String

  /// Positions that one read transaction counts.
  private static let range: Int64 = 100_000

  package init(_ reader: LedgerReader) throws(LedgerError) {
    let directory = reader.directory
    self.directory = directory.path
    ledgerID = reader.ledgerID
    format = reader.formatVersion
    let last = try reader.head()
    head = ChainPosition(seq: last.seq, digest: last.digest)
    dropped = try reader.droppedCount(after: .start)
    firstAt = try reader.events(after: .start, limit: 1).first?.at
    lastAt = try reader.events(after: last.seq - 1, limit: 1).first?.at
    databaseBytes = Self.size(directory.database)
    walBytes = Self.size(directory.wal)
    projectionsBytes =
      Self.size(directory.projections) + Self.size("\(directory.projections)-wal")
    writingProblem = Self.writingProblem(directory)
    sealed = directory.sealed
    refusedSpools = SpoolFiles.refused(directory)
    spooled = SpooledInstances(of: directory)
    sqliteVersion = Connection.libraryVersion
    do throws(SQLiteError) {
      createdAt = Int64(try Self.meta("created_at", reader.connection))
        .map { WallTime(microseconds: $0) }
      freePages = try reader.connection.integer("PRAGMA freelist_count")
      pageBytes = try reader.connection.integer("PRAGMA page_size")
      try count(reader.connection, upTo: last.seq)
    } catch { throw LedgerError(error, directory.path) }
  }

  /// Less than a turn or two needs.
  private static let leastRoom: UInt = 64 << 10

  private static func writingProblem(_ directory: LedgerDirectory) -> String? {
    for path in [directory.path, directory.database] where access(path, W_OK) != 0 {
      return "\(Errno.current)"
    }
    return FreeSpace.bytes(in: directory.path) < leastRoom ? "no space left on the device" : nil
  }

  private static func meta(
    _ key: String, _ connection: borrowing Connection
  ) throws(SQLiteError) -> String {
    var statement = try connection.prepare("SELECT value FROM meta WHERE key = ?")
    try statement.bind(1, key)
    return try statement.step() ? statement.text(0) : ""
  }

  private static func size(_ path: String) -> Int64 {
    var info = stat()
    return stat(path, &info) == 0 ? Int64(info.st_size) : 0
  }

  private mutating func count(
    _ connection: borrowing Connection, upTo last: Seq
  ) throws(SQLiteError) {
    var ofKinds = try connection.prepare(
      "SELECT kind, COUNT(*) FROM event WHERE seq > ? AND seq <= ? GROUP BY kind")
    // LENGTH reads no byte of the data.
    var output = try connection.prepare(
      "SELECT COUNT(*), SUM(size), SUM(LENGTH(data)) FROM output WHERE seq > ? AND seq <= ?")
    // Where positions are missing, as behind a forged one, what is not there is not gone through.
    var next = try connection.prepare("SELECT MIN(seq) FROM event WHERE seq > ?")
    var counts: [String: Int64] = [:]
    var position = Seq.start
    while position < last {
      try next.bind(1, position)
      guard try next.step(), !next.isNull(0) else { break }
      position = next.seq(0) - 1
      next.reset()
      let end = last - position > Self.range ? position + Self.range : last
      try ofKinds.bind(1, position)
      try ofKinds.bind(2, end)
      while try ofKinds.step() { counts[ofKinds.text(0), default: 0] += ofKinds.integer(1) }
      ofKinds.reset()
      try output.bind(1, position)
      try output.bind(2, end)
      if try output.step() {
        chunks += output.integer(0)
        outputBytes &+= output.integer(1)
        storedBytes &+= output.integer(2)
      }
      output.reset()
      position = end
    }
    events = counts.values.reduce(0, +)
    kinds = counts.map { (name: $0.key, count: $0.value) }
      .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
  }
}
