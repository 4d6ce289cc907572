internal import Events
internal import Ledger
internal import SQLite

/// The rows of projections.db as they were at an earlier position of the ledger. As beside a file that cannot be written
/// (``ProjectionOverlay``), temporary tables and views stand under the names of the file's tables, and whoever asks, asks as
/// ever: nothing in the file is changed.
///
/// A row of the file holds for that position when the instance's last event is not behind it; what belongs to no
/// instance (removal from the history, retention) has its position beside it. Of those that had begun by then and were told
/// of later, which were live then or a little after, the events up to there are folded once more.
enum ProjectionPast {
  /// Begins in a transaction that has read the file, which goes as far as the position.
  /// - Returns: no instance had ended later by then.
  static func begin(
    _ connection: borrowing Connection, at position: Seq
  ) throws(SQLiteError) -> WallTime? {
    try ProjectionOverlay.end(connection)
    var moment = try connection.prepare(
      "SELECT at, created_order FROM main.moment WHERE seq >= ? ORDER BY seq LIMIT 1")
    try moment.bind(1, position)
    let isKnown = try moment.step()
    let (latest, order) =
      isKnown ? (moment.wallTime(0), moment.integer(1)) : (WallTime(microseconds: .max), Int64.max)
    moment.reset()
    try connection.execute(make(position, lastOrder: order))
    return latest
  }

  private static func make(_ position: Seq, lastOrder: Int64) -> String {
    """
    CREATE TEMP TABLE checkpoint AS
      SELECT id, ledger_id, \(position) AS seq, digest, version FROM main.checkpoint;
    \(ProjectionOverlay.changed)
    CREATE TEMP VIEW instance AS
      SELECT \(columns(at: position)) FROM main.instance
      WHERE +created_seq <= \(position) AND +last_seq <= \(position) AND created_order <= \(lastOrder)
      UNION ALL SELECT \(ProjectionOverlay.list("")) FROM temp.changed;
    """
  }

  /// The columns of a row of the file, as they were. Only where all columns of both parts have the same affinity is each part
  /// read in the order of an index (sqlite.org/optoverview.html#flattening), so what is computed is cast.
  private static func columns(at position: Seq) -> String {
    ProjectionOverlay.names.map { name in
      let value: String? =
        switch name {
        case "hidden": "CASE WHEN hidden > \(position) THEN 0 ELSE hidden END"
        case "removed_at", "removed_seq":
          "CASE WHEN removed_seq > \(position) THEN NULL ELSE \(name) END"
        // Whether a command still ran that was left behind was not recorded.
        case "orphan": "NULL"
        default: nil
        }
      return value.map { "CAST(\($0) AS INTEGER) AS \(name)" } ?? name
    }.joined(separator: ", ")
  }

  /// Takes in what the file has now; the first time, and when it has gone on since.
  /// - Parameter known: the position that the file had come to before; nil the first time.
  static func goOn(
    _ connection: borrowing Connection, at position: Seq, _ reader: LedgerReader, since known: Seq?
  ) throws {
    // What was folded says what the ledger does not say any more.
    if let known, try !reader.hostEvents([.redacted], after: known, withLater: true).isEmpty {
      try connection.execute("DELETE FROM temp.changed")
    }
    // Retention has dropped them since.
    try connection.execute(
      """
      DELETE FROM temp.changed WHERE NOT EXISTS (
        SELECT 1 FROM main.instance i WHERE i.created_seq = changed.created_seq)
      """)
    let found = try toldOfLater(connection, than: position)
    guard !found.isEmpty else { return }
    var past = try InstancePast(connection, at: position)
    for createdSeq in found { try past.add(createdSeq, reader) }
  }

  /// Those that were created by then and whose last event comes later. Of those that have ended, by reach: what reaches so
  /// many bits far and was created before the beginning of that stretch had its last event by then.
  private static func toldOfLater(
    _ connection: borrowing Connection, than position: Seq
  ) throws(SQLiteError) -> [Seq] {
    var found: [Seq] = []
    let isNew = "created_seq NOT IN (SELECT created_seq FROM temp.changed)"
    var ended = try connection.prepare(
      """
      SELECT created_seq FROM main.instance INDEXED BY instance_reach
      WHERE ended_at IS NOT NULL AND reach = ?1 AND created_seq > ?2 AND created_seq <= ?3
        AND last_seq > ?3 AND \(isNew)
      """)
    for reach in Int64(0)...62 {
      try ended.bind(1, reach)
      try ended.bind(2, position - (1 << reach))
      try ended.bind(3, position)
      while try ended.step() { found.append(ended.seq(0)) }
      ended.reset()
    }
    var live = try connection.prepare(
      """
      SELECT created_seq FROM main.instance INDEXED BY instance_live
      WHERE ended_at IS NULL AND created_seq <= ?1 AND last_seq > ?1 AND \(isNew)
      """)
    try live.bind(1, position)
    while try live.step() { found.append(live.seq(0)) }
    return found
  }
}

/// Instances as they were at a position: from the nearest state that was kept, or from their first event on, up to there.
struct InstancePast: ~Copyable {
  /// A state of each instance is kept after so many of its events: to go back to any takes no more than to fold these.
  static let keptEach: Int64 = 256

  private static let values = repeatElement("?", count: ProjectionOverlay.names.count)
    .joined(separator: ", ")
  /// Keeps a state, with the parameters of a row.
  static let keep = "INSERT INTO kept (\(InstanceRow.allColumns)) VALUES (\(values))"

  private let position: Seq
  private var now: Statement
  private var kept: Statement
  private var insert: Statement

  init(_ connection: borrowing Connection, at position: Seq) throws(SQLiteError) {
    self.position = position
    let now = try connection.prepare(
      "SELECT \(InstanceRow.allColumns) FROM main.instance WHERE created_seq = ?")
    let kept = try connection.prepare(
      """
      SELECT \(InstanceRow.allColumns) FROM main.kept WHERE created_seq = ?1 AND last_seq <= ?2
      ORDER BY last_seq DESC LIMIT 1
      """)
    let insert = try connection.prepare(
      "INSERT INTO temp.changed (\(InstanceRow.allColumns)) VALUES (\(Self.values))")
    self.now = now
    self.kept = kept
    self.insert = insert
  }

  /// Adds the one that was created there, as it was.
  mutating func add(_ createdSeq: Seq, _ reader: LedgerReader) throws {
    try now.bind(1, createdSeq)
    defer { now.reset() }
    guard try now.step(), let later = InstanceRow.record(now) else { return }
    var record = try nearest(later)
    try reader.forEachEvent(of: later.instance, after: record?.lastN ?? 0, upTo: position) {
      if record == nil { record = InstanceRecord($0) } else { record?.apply($0) }
    }
    guard var record else { return }
    record.hiddenBy = then(later.hiddenBy)
    record.outputRemovedBy = then(later.outputRemovedBy)
    record.outputRemovedAt = record.outputRemovedBy == nil ? nil : later.outputRemovedAt
    try InstanceRow.bind(record, to: &insert)
    try InstanceRow.bindCreation(
      record, createdOrder: InstanceRow.createdOrder(now), to: &insert)
    try insert.bind(InstanceRow.orphanIndex, Int64?.none)
    try insert.run()
  }

  private func then(_ event: Seq?) -> Seq? { event.flatMap { $0 <= position ? $0 : nil } }

  private mutating func nearest(_ later: InstanceRecord) throws(SQLiteError) -> InstanceRecord? {
    try kept.bind(1, later.createdSeq)
    try kept.bind(2, position)
    defer { kept.reset() }
    return try kept.step() ? InstanceRow.record(kept, created: later.createdData) : nil
  }
}
