package import Events

/// A selection of instances and their order: what `ps`, `hist`, `stats`, `history-remove` and a server's lists ask.
/// Each filter narrows what the others leave.
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
  /// The only job that is wanted; its id may look like a pattern.
  package var job: String?
  /// The jobs and instances beside which the asker sees nothing: patterns of job ids, and instances as `job@instance`.
  /// None at all: he sees everything.
  package var visible: [Pattern] = []
  /// Created at this time or later.
  package var since: WallTime?
  /// Created before this time.
  package var until: WallTime?
  /// It is in one of them; none at all: in any.
  package var states: Set<InstanceState> = []
  /// It was given all of them.
  package var parameters: [Parameter] = []
  /// A part of what is said of its end, in any case: the reason, the exit code where it did not complete, the last line that it
  /// printed then.
  package var reason: String?
  /// The user that it ran as.
  package var user: String?
  /// The group whose limit it counted for; its job's id, where it was given none.
  package var executionGroup: String?
  /// It has ended with one of them; none at all: in any way.
  package var exitCodes: Set<Int64> = []
  /// It ran for longer, and has ended; microseconds.
  package var longerThan: Int64?
  /// A position of the ledger: ended ones had ended by then, others were created by then. What is told of them is what
  /// is known now.
  package var asOf: Seq?
  /// The newest of each job alone, of those that the filters leave: the newest that was executed, where one of them was;
  /// a rehearsal executes nothing.
  package var isLastOfEachJob = false
  /// Nothing that counts for nothing (``InstanceRecord/isRehearsal``).
  package var leavesOutRehearsals = false
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

/// A place behind one instance of an answer, where the next page goes on. It holds while instances are added, ended and
/// dropped, and when the projections are made anew; what was added meanwhile is met where it stands behind the cursor.
package struct InstanceCursor: Equatable, Sendable {
  /// The value that the query's order goes by; nil where creation alone decides.
  let key: Int64?
  /// The place in the order of creation. Looked up anew where the instance is still there: a rebuild may number anew.
  let createdOrder: Int64
  let createdSeq: Seq

  init(key: Int64?, createdOrder: Int64, createdSeq: Seq) {
    (self.key, self.createdOrder, self.createdSeq) = (key, createdOrder, createdSeq)
  }

  /// The cursor of a text that ``text`` has made. Any text of that form is a place in the order: what would be no number is the
  /// nearest one.
  package init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let order = Self.number(parts[1]), let seq = Self.number(parts[2])
    else {
      return nil
    }
    let isNegative = parts[0].hasPrefix("-")
    let key = Self.number(parts[0].dropFirst(isNegative ? 1 : 0))
    guard key != nil || parts[0].isEmpty else { return nil }
    self.init(key: key.map { isNegative ? -$0 : $0 }, createdOrder: order, createdSeq: Seq(seq))
  }

  private static func number(_ text: Substring) -> Int64? {
    guard (1...19).contains(text.utf8.count),
      text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return Int64(text) ?? .max
  }

  /// Digits, dots and a minus sign: as it is in a URL. It is of use for a query of the same order and direction.
  package var text: String { "\(key.map { "\($0)" } ?? "").\(createdOrder).\(createdSeq)" }
}

extension Pattern {
  /// Tells whether who may see what this one names sees that instance.
  package func shows(_ job: String, _ instance: InstanceID) -> Bool {
    matches(job: job) || text == "\(job)@\(instance)"
  }
}
