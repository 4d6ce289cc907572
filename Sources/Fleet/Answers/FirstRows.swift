/// The first so many of rows that come in any order, in their own: what is behind them is forgotten at once.
package struct FirstRows<Row> {
  private let limit: Int
  private let isBefore: (Row, Row) -> Bool
  /// Sorted.
  package private(set) var rows: [Row] = []

  package init(_ limit: Int, isBefore: @escaping (Row, Row) -> Bool) {
    self.limit = limit
    self.isBefore = isBefore
  }

  package mutating func add(_ row: Row) {
    if rows.count == limit {
      guard let last = rows.last, isBefore(row, last) else { return }
      rows.removeLast()
    }
    // Behind those that are equal: each host's own order stays.
    var low = 0
    var high = rows.count
    while low < high {
      let middle = (low + high) / 2
      if isBefore(row, rows[middle]) { high = middle } else { low = middle + 1 }
    }
    rows.insert(row, at: low)
  }
}
