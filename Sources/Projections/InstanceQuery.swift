package import Events

/// Which instances are wanted, and in which order: what `ps`, `hist`, `stats`, `history-remove` and a server's lists
/// ask. Each filter narrows what the others leave.
package struct InstanceQuery: Equatable, Sendable {
  package enum Include: CaseIterable, Sendable {
    /// Instances without a terminal event.
    case live
    /// Ended ones, without what was removed from the history.
    case ended
    /// Both of these.
    case all
    /// Lost ones whose command still ran when that was found out, or may have. It may have ended since. Also what was
    /// removed from the history.
    case leftBehind
  }

  package enum Order: String, CaseIterable, Sendable {
    /// By creation: whatever somebody did to the clock, and whenever the ledger could take a run in.
    case created
    /// By the end. What has not ended comes last in both directions.
    case finished
    /// By how long it ran. What never ran, or still does, comes last in both directions.
    case time
  }

  /// A parameter as it was given with `--param NAME=VALUE`.
  package struct Parameter: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(name: String, value: String) { (self.name, self.value) = (name, value) }
  }

  package var include: Include
  /// One of them matches; none at all: everything does.
  package var patterns: [Pattern] = []
  /// Created at this time or later, microseconds since 1970.
  package var since: Int64?
  /// Created before this time.
  package var until: Int64?
  /// It is in one of them; none at all: in any.
  package var states: Set<InstanceState> = []
  /// It was given all of them.
  package var parameters: [Parameter] = []
  /// A part of the reason that it ended so, in any case.
  package var reason: String?
  /// It ran for longer, and has ended; microseconds.
  package var longerThan: Int64?
  /// A position of the ledger: ended ones had ended by then, others were created by then. What is told of them is what
  /// is known now.
  package var asOf: Int64?
  /// The newest of each job alone, of those that the filters leave.
  package var isLastOfEachJob = false
  package var order = Order.created
  package var isAscending = false
  /// So many at most, from the first in that order or the first behind the cursor on.
  package var limit: Int?
  /// Goes on behind the last one of a page; of a query with the same order.
  package var cursor: InstanceCursor?

  package init(_ include: Include, _ patterns: [Pattern] = [], isAscending: Bool = false) {
    self.include = include
    self.patterns = patterns
    self.isAscending = isAscending
  }

  /// Asks for the newest instance of each job, live or ended.
  package static func newestOfEachJob(_ patterns: [Pattern] = []) -> InstanceQuery {
    var query = InstanceQuery(.all, patterns)
    query.isLastOfEachJob = true
    return query
  }
}

/// Where an answer goes on: behind one instance of it. It holds while instances are added, ended and dropped, and
/// when the projections are made anew; what was added meanwhile is met where it stands behind the cursor.
package struct InstanceCursor: Equatable, Sendable {
  /// The value that the query's order goes by; nil where creation alone decides.
  let key: Int64?
  /// The place in the order of creation. Looked up anew where the instance is still there: a rebuild may number anew.
  let createdOrder: Int64
  let createdSeq: Int64

  init(key: Int64?, createdOrder: Int64, createdSeq: Int64) {
    (self.key, self.createdOrder, self.createdSeq) = (key, createdOrder, createdSeq)
  }

  /// The cursor of a text that `text(for:)` has made for a query of the same order and direction; nil for any other.
  package init?(_ text: String, for query: InstanceQuery) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == query.cursorTag,
      let order = Int64(parts[2], radix: 36), let seq = Int64(parts[3], radix: 36)
    else { return nil }
    let key = Int64(parts[1], radix: 36)
    guard key != nil || parts[1].isEmpty else { return nil }
    self.init(key: key, createdOrder: order, createdSeq: seq)
  }

  /// Letters, digits, dots and minus signs: as it is in a URL.
  package func text(for query: InstanceQuery) -> String {
    let key = key.map { String($0, radix: 36) } ?? ""
    return "\(query.cursorTag).\(key).\(String(createdOrder, radix: 36))."
      + String(createdSeq, radix: 36)
  }
}

extension InstanceQuery {
  fileprivate var cursorTag: String { "\(order.rawValue.prefix(1))\(isAscending ? "a" : "d")" }
}
