internal import Events
internal import Ledger
internal import SQLite

/// Instances of an answer that stand together in its order: those that have what the order goes by, and behind them
/// those that have not, by creation.
struct InstanceOrderPart {
  /// The condition that selects these of the wanted ones, and behind what they are wanted (parameters ?1 to ?3).
  let condition: String
  let order: String
  /// The columns that the order goes by; `created_seq` is the last.
  let columns: [String]
  private let after: InstanceCursor
  private let hasKey: Bool

  /// - Parameters:
  ///   - column: what the order goes by; nil for creation alone.
  ///   - missing: the column that these have not.
  ///   - cursor: nil for the beginning.
  ///   - last: none has more in the column.
  init(
    _ column: String?, missing: String? = nil, isAscending: Bool, after cursor: InstanceCursor?,
    upTo last: Int64? = nil
  ) {
    let (sign, direction) = isAscending ? (">", "ASC") : ("<", "DESC")
    let end: Int64 = isAscending ? -1 : .max
    after =
      cursor
      ?? InstanceCursor(
        key: isAscending ? .min : last ?? .max, createdOrder: end, createdSeq: Seq(end))
    hasKey = column != nil
    columns = [column, "created_order", "created_seq"].compactMap { $0 }
    let parameters = hasKey ? "?3, ?1, ?2" : "?1, ?2"
    var conditions = ["(\(columns.joined(separator: ", "))) \(sign) (\(parameters))"]
    if let column { conditions.append("\(column) IS NOT NULL") }
    // Downward, the place to begin at says it: SQLite goes by one upper bound of an index.
    if let column, let last, isAscending { conditions.append("\(column) <= \(last)") }
    if let missing { conditions.append("\(missing) IS NULL") }
    condition = conditions.joined(separator: " AND ")
    order = columns.map { "\($0) \(direction)" }.joined(separator: ", ")
  }

  func bind(to statement: inout Statement) throws(SQLiteError) {
    try statement.bind(1, after.createdOrder)
    try statement.bind(2, after.createdSeq)
    if hasKey { try statement.bind(3, after.key) }
  }
}

extension InstanceQuery {
  /// True when rows come in the wanted order from an index.
  var isByIndex: Bool { !isLastOfEachJob && order != .time }

  /// The condition of a filter, or of the last of each job among those that it leaves.
  func isWanted(_ filter: String) -> String {
    guard isLastOfEachJob else { return filter }
    return "created_seq IN (\(ProjectionStore.newestOfEachJob(where: filter)))"
  }

  func cursor(behind record: InstanceRecord, createdOrder: Int64) -> InstanceCursor {
    let key: Int64? =
      switch order {
      case .created: nil
      case .finished: record.endedAt?.microseconds
      case .time: record.runMicroseconds
      }
    return InstanceCursor(key: key, createdOrder: createdOrder, createdSeq: record.createdSeq)
  }

  /// Returns the rest of the answer, part by part.
  /// - Parameter latest: none has ended later; nil where that is not known.
  func parts(
    after cursor: InstanceCursor?, endedBy latest: WallTime? = nil
  ) -> [InstanceOrderPart] {
    guard let column = keyColumn else {
      return [InstanceOrderPart(nil, isAscending: isAscending, after: cursor)]
    }
    let isBehindFirst = cursor != nil && cursor?.key == nil
    let first = InstanceOrderPart(
      column, isAscending: isAscending, after: cursor,
      upTo: order == .finished ? latest?.microseconds : nil)
    let second = InstanceOrderPart(
      nil, missing: column, isAscending: isAscending, after: isBehindFirst ? cursor : nil)
    if isBehindFirst || include == .live { return [second] }
    let isAllFirst = order == .finished && include != .all
    return isAllFirst ? [first] : [first, second]
  }

  private var keyColumn: String? {
    switch order {
    case .created: nil
    case .finished: "ended_at"
    case .time: "run_us"
    }
  }
}
