internal import Events
package import Ledger
internal import SQLite

/// Instances of one answer, in order, and where it goes on.
package struct InstancePage: Equatable, Sendable {
  package var records: [InstanceRecord] = []
  /// The cursor of the next page; nil where nothing is behind this one.
  package var next: InstanceCursor?
}

/// Answers to an `InstanceQuery`. Each catches up first. Rows are read in the order of an index where there is one for
/// the question, and nothing is kept of those that are not wanted.
extension ProjectionStore {
  /// Gives the instances to `body`, in order, until it returns false. They are read in pages: a body that takes its
  /// time, say because a person reads what it prints, holds no lock. The order of time, and the last of each job, cost 8
  /// bytes of memory for each instance that is given.
  package func forEach(
    _ query: InstanceQuery, _ body: (InstanceRecord) -> Bool
  ) throws(LedgerError) {
    if query.isByIndex { try walk(query, body) } else { try forEach(at: positions(query), body) }
  }

  /// All of them, at once, without what may be large (`InstanceRecord.lean`): for those that are live.
  package func records(_ query: InstanceQuery) throws(LedgerError) -> [InstanceRecord] {
    var records: [InstanceRecord] = []
    try forEach(query) { record in
      records.append(record.lean)
      return true
    }
    return records
  }

  /// The first instances behind the query's cursor: so many as its limit says, or fewer where they are large (4 MiB as
  /// they are stored, about). Who goes on with `next` gets the others.
  package func page(_ query: InstanceQuery) throws(LedgerError) -> InstancePage {
    let limit = max(1, query.limit ?? Self.pageLimit)
    guard !query.isByIndex else {
      return try ask { try page(query, InstanceFilter(query, connection), limit) }
    }
    var more = query
    more.limit = limit == .max ? limit : limit + 1
    return try ask {
      let positions = try sortedPositions(more)
      return try page(at: positions.prefix(limit), of: positions.count, query)
    }
  }

  /// Counts the instances; order, limit and cursor count for nothing.
  package func count(_ query: InstanceQuery) throws(LedgerError) -> Int64 {
    try ask {
      let filter = try InstanceFilter(query, connection)
      try filter.define(on: connection)
      var statement = try connection.prepare(
        "SELECT COUNT(*) FROM instance WHERE \(query.isWanted(filter.sql))")
      try filter.bind(to: &statement)
      return try statement.step() ? statement.integer(0) : 0
    }
  }

  /// As they were created, the oldest first, of which nothing more is kept: there may be a great many. Order, limit and
  /// cursor count for nothing.
  package func created(_ query: InstanceQuery) throws(LedgerError) -> [CreatedInstance] {
    try ask {
      let filter = try InstanceFilter(query, connection)
      try filter.define(on: connection)
      var statement = try connection.prepare(
        "SELECT created_order, created_seq, instance FROM instance "
          + "WHERE \(query.isWanted(filter.sql)) ORDER BY created_order, created_seq")
      try filter.bind(to: &statement)
      var found: [CreatedInstance] = []
      while try statement.step() {
        if let created = CreatedInstance(statement) { found.append(created) }
      }
      return found
    }
  }

  private static let pageLimit = 1024

  // MARK: By index

  private func walk(
    _ query: InstanceQuery, _ body: (InstanceRecord) -> Bool
  ) throws(LedgerError) {
    var (query, left) = (query, query.limit ?? .max)
    // Most questions are about the newest few.
    var size = 64
    let filter = try ask { try InstanceFilter(query, connection) }
    while left > 0 {
      let found = try ask { try page(query, filter, min(size, left)) }
      for record in found.records {
        guard body(record) else { return }
      }
      guard let next = found.next else { return }
      query.cursor = next
      left -= found.records.count
      size = min(size * 2, Self.pageLimit)
    }
  }

  static func pageSQL(_ filter: InstanceFilter, _ part: InstanceOrderPart, limit: Int) -> String {
    "SELECT \(InstanceRow.allColumns) FROM instance WHERE \(filter.sql) AND \(part.condition) "
      + "ORDER BY \(part.order) LIMIT \(limit)"
  }

  private func page(
    _ query: InstanceQuery, _ filter: InstanceFilter, _ limit: Int
  ) throws(SQLiteError) -> InstancePage {
    try filter.define(on: connection)
    var page = InstancePage()
    var bytes = Self.pageBytes
    var last: InstanceCursor?
    for part in try parts(of: query) {
      // One more, which tells that there is one.
      let count = limit - page.records.count
      var statement = try connection.prepare(
        Self.pageSQL(filter, part, limit: count == .max ? count : count + 1))
      try filter.bind(to: &statement)
      try part.bind(to: &statement)
      while try statement.step() {
        guard let record = InstanceRow.record(statement) else { continue }
        guard page.records.count < limit, bytes > 0 else {
          page.next = last
          return page
        }
        bytes -= record.storedBytes
        last = query.cursor(behind: record, createdOrder: InstanceRow.createdOrder(statement))
        page.records.append(record)
      }
    }
    return page
  }

  // MARK: By sorting

  private func positions(_ query: InstanceQuery) throws(LedgerError) -> [Seq] {
    try ask { try sortedPositions(query) }
  }

  /// Returns the positions at which the wanted instances were created, in the wanted order.
  private func sortedPositions(_ query: InstanceQuery) throws(SQLiteError) -> [Seq] {
    let filter = try InstanceFilter(query, connection)
    try filter.define(on: connection)
    var positions: [Seq] = []
    for part in try parts(of: query) {
      let limit = query.limit.map { "LIMIT \($0 - positions.count)" } ?? ""
      // All that the order goes by: only then are the rows beside a file met in its order too.
      var statement = try connection.prepare(
        "SELECT \(part.columns.joined(separator: ", ")) FROM instance "
          + "WHERE \(query.isWanted(filter.sql)) AND \(part.condition) "
          + "ORDER BY \(part.order) \(limit)")
      try filter.bind(to: &statement)
      try part.bind(to: &statement)
      let place = Int32(part.columns.count - 1)
      while try statement.step() { positions.append(statement.seq(place)) }
    }
    return positions
  }

  private func forEach(
    at positions: [Seq], _ body: (InstanceRecord) -> Bool
  ) throws(LedgerError) {
    var rest = positions[...]
    while !rest.isEmpty {
      let wanted = rest.prefix(256)
      let found = try ask { try rows(at: wanted) }
      for row in found.rows {
        guard body(row.record) else { return }
      }
      rest = rest.dropFirst(found.count)
    }
  }

  private func page(
    at positions: ArraySlice<Seq>, of all: Int, _ query: InstanceQuery
  ) throws(SQLiteError) -> InstancePage {
    let found = try rows(at: positions)
    var page = InstancePage(records: found.rows.map(\.record))
    if found.count < all, let last = found.rows.last {
      page.next = query.cursor(behind: last.record, createdOrder: last.createdOrder)
    }
    return page
  }

  /// Those at the first of the positions, as many as a page may have; and how many positions these were.
  private func rows(
    at positions: ArraySlice<Seq>
  ) throws(SQLiteError) -> (rows: [(record: InstanceRecord, createdOrder: Int64)], count: Int) {
    var statement = try connection.prepare(
      "SELECT \(InstanceRow.allColumns) FROM instance WHERE created_seq = ?1")
    var rows: [(InstanceRecord, Int64)] = []
    var (count, left) = (0, Self.pageBytes)
    for position in positions where left > 0 {
      count += 1
      try statement.bind(1, position)
      if try statement.step(), let record = InstanceRow.record(statement) {
        left -= record.storedBytes
        rows.append((record, InstanceRow.createdOrder(statement)))
      }
      statement.reset()
    }
    return (rows, count)
  }

  // MARK: Order

  private func parts(of query: InstanceQuery) throws(SQLiteError) -> [InstanceOrderPart] {
    guard let cursor = query.cursor else {
      return query.parts(after: nil, endedBy: latestEnd)
    }
    var statement = try connection.prepare(
      "SELECT created_order FROM instance WHERE created_seq = ?")
    try statement.bind(1, cursor.createdSeq)
    let order = try statement.step() ? statement.integer(0) : cursor.createdOrder
    return query.parts(
      after: InstanceCursor(
        key: cursor.key, createdOrder: order, createdSeq: cursor.createdSeq), endedBy: latestEnd)
  }
}
