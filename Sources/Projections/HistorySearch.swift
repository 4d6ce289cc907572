internal import Events
package import Ledger
internal import SQLite

/// Answers to a `HistoryQuery`. Each catches up first. Rows are read in the order of an index where there is one for the
/// question, and nothing is kept of those that are not wanted.
extension ProjectionStore {
  /// Gives the instances to `body`, in order, until it returns false. They are read in pages: a body that takes its
  /// time, say because a person reads what it prints, holds no lock. Orders other than that of creation, and the last
  /// of each job, cost 8 bytes of memory for each instance that is given.
  package func forEach(
    _ query: HistoryQuery, _ body: (InstanceRecord) -> Bool
  ) throws(LedgerError) {
    if query.order == .created, !query.isLastOfEachJob {
      try forEachByCreation(query, body)
    } else {
      try forEach(at: positions(query), body)
    }
  }

  /// How many instances there are; order and limit count for nothing.
  package func count(_ query: HistoryQuery) throws(LedgerError) -> Int64 {
    try ask {
      let filter = try HistoryFilter(query, connection)
      try filter.define(on: connection)
      var statement = try connection.prepare("SELECT COUNT(*) FROM instance WHERE \(filter.sql)")
      try filter.bind(to: &statement)
      return try statement.step() ? statement.integer(0) : 0
    }
  }

  private func forEachByCreation(
    _ query: HistoryQuery, _ body: (InstanceRecord) -> Bool
  ) throws(LedgerError) {
    let isBehind = query.isAscending ? ">" : "<"
    let end: Int64 = query.isAscending ? -1 : .max
    var last = (order: end, seq: end)
    var left = query.limit ?? .max
    // Most questions are about the newest few.
    var size = 64
    let filter = try ask { try HistoryFilter(query, connection) }
    while left > 0 {
      let page: (records: [InstanceRecord], end: (order: Int64, seq: Int64)?) = try ask {
        try filter.define(on: connection)
        let records = try rows(
          "WHERE (created_order, created_seq) \(isBehind) (?1, ?2) AND \(filter.sql) "
            + "ORDER BY \(query.sqlOrder) LIMIT \(min(size, left))"
        ) { statement throws(SQLiteError) in
          try statement.bind(1, last.order)
          try statement.bind(2, last.seq)
          try filter.bind(to: &statement)
        }
        return try (records, records.last.map { try place(of: $0) })
      }
      for record in page.records {
        guard body(record) else { return }
      }
      guard let end = page.end else { return }
      last = end
      left -= page.records.count
      size = min(size * 2, 1024)
    }
  }

  private func place(
    of record: InstanceRecord
  ) throws(SQLiteError) -> (order: Int64, seq: Int64) {
    var statement = try connection.prepare(
      "SELECT created_order FROM instance WHERE created_seq = ?")
    try statement.bind(1, record.createdSeq)
    return (try statement.step() ? statement.integer(0) : -1, record.createdSeq)
  }

  private func forEach(
    at positions: [Int64], _ body: (InstanceRecord) -> Bool
  ) throws(LedgerError) {
    var rest = positions[...]
    while !rest.isEmpty {
      let wanted = rest.prefix(256)
      let page = try ask { try self.page(at: wanted) }
      for record in page.records {
        guard body(record) else { return }
      }
      rest = rest.dropFirst(page.count)
    }
  }

  /// Those at the first of the positions, as many as a page may have; and how many positions these were.
  private func page(
    at positions: ArraySlice<Int64>
  ) throws(SQLiteError) -> (records: [InstanceRecord], count: Int) {
    var statement = try statement("WHERE created_seq = ?1")
    var records: [InstanceRecord] = []
    var (count, left) = (0, Self.pageBytes)
    for position in positions where left > 0 {
      count += 1
      try statement.bind(1, position)
      if try statement.step(), let record = InstanceRow.record(statement) {
        left -= record.storedBytes
        records.append(record)
      }
      statement.reset()
    }
    return (records, count)
  }

  /// Where the wanted instances were created, in the wanted order.
  private func positions(_ query: HistoryQuery) throws(LedgerError) -> [Int64] {
    try ask {
      let filter = try HistoryFilter(query, connection)
      try filter.define(on: connection)
      let limit = query.limit.map { "LIMIT \($0)" } ?? ""
      let isWanted =
        query.isLastOfEachJob
        ? "created_seq IN (\(Self.newestOfEachJob(where: filter.sql)))" : filter.sql
      var statement = try connection.prepare(
        "SELECT created_seq FROM instance WHERE \(isWanted) ORDER BY \(query.sqlOrder) \(limit)")
      try filter.bind(to: &statement)
      var positions: [Int64] = []
      while try statement.step() { positions.append(statement.integer(0)) }
      return positions
    }
  }
}

extension HistoryQuery {
  fileprivate var sqlOrder: String {
    let direction = isAscending ? "ASC" : "DESC"
    let created = "created_order \(direction), created_seq \(direction)"
    return switch order {
    case .created: created
    case .finished: "ended_at \(direction), \(created)"
    case .time: "run_us IS NULL, run_us \(direction), \(created)"
    }
  }
}

/// The part of a query that decides over a single row, as SQL and what belongs to its parameters (from ?10 on).
struct HistoryFilter {
  private(set) var sql = "ended_at IS NOT NULL AND hidden = 0"
  private var integers: [(Int32, Int64)] = []
  private var job: String?
  private let query: HistoryQuery

  init(_ query: HistoryQuery, _ connection: borrowing Connection) throws(SQLiteError) {
    self.query = query
    if let position = query.endedBy { add("last_seq <= ?10", 10, position) }
    if query.since != nil || query.until != nil { try addTimes(connection) }
    if !query.states.isEmpty {
      let names = query.states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
      sql += " AND state IN (\(names))"
    }
    if let longer = query.longerThan { add("run_us > ?15", 15, longer) }
    if query.reason != nil {
      // Most runs have none, which is seen without reading what there is.
      sql += " AND instr(ended, '\"reason\"') > 0 AND has_reason(ended)"
    }
    if let job = try Self.onlyJob(query.patterns, connection) {
      self.job = job
      sql += " AND job = ?16"
    } else if !query.patterns.isEmpty {
      sql += " AND is_named(job, instance)"
    }
  }

  /// Makes what the SQL calls; to be done on each connection that runs it.
  func define(on connection: borrowing Connection) throws(SQLiteError) {
    let patterns = query.patterns
    try connection.define("is_named", arguments: 2) { arguments in
      guard let instance = arguments.withBytes(1, { InstanceID($0) }) else { return false }
      return patterns.matches(job: arguments.text(0), instance: instance)
    }
    guard let wanted = query.reason?.lowercased() else { return }
    try connection.define("has_reason", arguments: 1) { arguments in
      guard let json = try? JSON(parsing: arguments.text(0)), let reason = Ending(json).reason
      else { return false }
      return reason.lowercased().contains(wanted)
    }
  }

  func bind(to statement: inout Statement) throws(SQLiteError) {
    for (index, value) in integers { try statement.bind(index, value) }
    if let job { try statement.bind(16, job) }
  }

  private mutating func add(_ condition: String, _ index: Int32, _ value: Int64) {
    sql += " AND \(condition)"
    integers.append((index, value))
  }

  /// Rows are read in the order of creation, and times follow the clock: mostly the same order, but not when the clock was
  /// set. The index of times tells between which rows all the wanted ones stand; of it, what was created in
  /// that time is read, once a query.
  private mutating func addTimes(_ connection: borrowing Connection) throws(SQLiteError) {
    var range = try connection.prepare(Self.createdBetween)
    try range.bind(1, query.since ?? .min)
    try range.bind(2, query.until ?? .max)
    guard try range.step() else { return }
    // The plus keeps SQLite from reading in the order of time what is wanted in the order of creation.
    if let since = query.since {
      add("created_order >= ?11", 11, range.integer(0))
      add("+created_at >= ?13", 13, since)
    }
    if let until = query.until {
      add("created_order <= ?12", 12, range.integer(1))
      add("+created_at < ?14", 14, until)
    }
  }

  static let createdBetween = """
    SELECT IFNULL(MIN(created_order), \(Int64.max)), IFNULL(MAX(created_order), 0) FROM instance
    WHERE created_at >= ? AND created_at < ?
    """

  /// The job that alone can match, and is found by index: the one that is named exactly, unless the name begins an
  /// instance id too.
  private static func onlyJob(
    _ patterns: [Pattern], _ connection: borrowing Connection
  ) throws(SQLiteError) -> String? {
    guard patterns.count == 1, let name = patterns.first?.text, patterns.areExact else {
      return nil
    }
    var statement = try connection.prepare(
      """
      SELECT EXISTS (SELECT 1 FROM instance WHERE job = ?1)
        AND NOT EXISTS (SELECT 1 FROM instance WHERE instance >= ?1 AND instance < ?1 || '~')
      """)
    try statement.bind(1, name)
    return try statement.step() && statement.integer(0) == 1 ? name : nil
  }
}
