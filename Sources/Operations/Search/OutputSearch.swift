internal import Events
internal import Ledger
internal import Matching
package import Projections

/// Looks through the output of many instances, one after the other in the order of creation, as far as it is recorded when it
/// is met. It may be gone on with in another session of the same ledger each time.
package struct OutputSearch {
  package enum Event {
    case item(SearchItem)
    /// The instance was looked through: so many lines.
    case end(count: Int64)
    /// Retention has dropped its output.
    case removed
  }

  /// The result of a search.
  package struct Outcome: Equatable, Sendable {
    package internal(set) var lines: Int64 = 0
    /// Instances that had at least one.
    package internal(set) var instances: Int64 = 0
    /// Lines in which the expression was given up.
    package internal(set) var gaveUp: Int64 = 0
    package internal(set) var damaged: Int64 = 0
    /// Instances whose output retention has dropped.
    package internal(set) var removed: Int64 = 0
  }

  /// Told of each instance by itself; returns false to end the search.
  package typealias Give = (InstanceRecord, Event) throws -> Bool

  private struct Enough: Error {}

  /// An instance that is being looked through.
  private struct Current {
    let record: InstanceRecord
    var place: OutputTexts.Place
    var search: TextSearch
  }

  /// So many instances are known at a time.
  private static let pageSize = 128

  private let request: SearchRequest
  private let matcher: LineMatcher
  private var query: InstanceQuery
  private var records: ArraySlice<InstanceRecord> = []
  private var hasMorePages = true
  private var current: Current?
  package private(set) var outcome = Outcome()
  package private(set) var isDone = false

  /// - Parameter query: its order, limit and cursor count for nothing.
  package init(_ request: SearchRequest, _ query: InstanceQuery) {
    (self.request, self.query) = (request, query)
    matcher = LineMatcher(request.expression)
    (self.query.order, self.query.isAscending) = (.created, true)
    (self.query.limit, self.query.cursor) = (Self.pageSize, nil)
  }

  /// Goes on to the end, or until that is enough.
  /// - Parameter isEnough: asked now and then.
  package mutating func goOn(
    in session: LedgerSession, until isEnough: () -> Bool = { false }, _ give: Give
  ) throws {
    do {
      while !isDone {
        if let instance = current {
          try look(through: instance, in: session, until: isEnough, give)
        } else {
          try beginNext(in: session, give)
        }
        if isEnough() { return }
      }
    } catch is Enough { isDone = true }
  }

  private mutating func beginNext(in session: LedgerSession, _ give: Give) throws {
    guard let record = records.popFirst() else {
      guard hasMorePages else {
        isDone = true
        return
      }
      let page = try session.projections.page(query)
      records = page.records[...]
      (query.cursor, hasMorePages) = (page.next, page.next != nil)
      return
    }
    if record.outputRemovedAt != nil {
      outcome.removed += 1
      if try !give(record, .removed) { throw Enough() }
      return
    }
    // A live one may have printed something since.
    guard record.output.bytes > 0 || record.endedAt == nil else { return }
    current = Current(
      record: record, place: OutputTexts.Place(request.stream),
      search: TextSearch(request, matcher))
  }

  private mutating func look(
    through instance: Current, in session: LedgerSession, until isEnough: () -> Bool,
    _ give: Give
  ) throws {
    current = nil
    var instance = instance
    let record = instance.record
    var texts = OutputTexts(
      session.reader, record.instance, stream: request.stream, from: instance.place)
    do {
      while !instance.search.isDone, let text = try texts.next() {
        try instance.search.take(text) { item in
          switch item {
          case .gaveUp: outcome.gaveUp += 1
          case .damaged: outcome.damaged += 1
          case .line, .gap, .dropped: break
          }
          if try !give(record, .item(item)) { throw Enough() }
        }
        if isEnough() {
          instance.place = texts.place
          current = instance
          return
        }
      }
    } catch let enough as Enough {
      add(instance.search.count)
      throw enough
    }
    add(instance.search.count)
    if try !give(record, .end(count: instance.search.count)) { throw Enough() }
  }

  private mutating func add(_ count: Int64) {
    outcome.lines += count
    if count > 0 { outcome.instances += 1 }
  }
}
