internal import Events
internal import Ledger
internal import Matching
package import Projections

/// Looks through the output of many instances, one after the other, as far as it is recorded when it is met.
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

  private let session: LedgerSession
  private let request: SearchRequest
  private let search: LineMatcher

  package init(_ request: SearchRequest, in session: LedgerSession) {
    (self.request, self.session) = (request, session)
    search = LineMatcher(request.expression)
  }

  /// - Parameter give: told of each instance by itself; returns false to end the search.
  package func run(
    _ query: InstanceQuery, _ give: (InstanceRecord, Event) throws -> Bool
  ) throws -> Outcome {
    var outcome = Outcome()
    var failure: (any Error)?
    try session.projections.forEach(query) { record in
      do { return try look(record, &outcome, give) } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
    return outcome
  }

  private struct Enough: Error {}

  private func look(
    _ record: InstanceRecord, _ outcome: inout Outcome,
    _ give: (InstanceRecord, Event) throws -> Bool
  ) throws -> Bool {
    if record.outputRemovedAt != nil {
      outcome.removed += 1
      return try give(record, .removed)
    }
    // A live one may have printed something since.
    guard record.output.bytes > 0 || record.endedAt == nil else { return true }
    var texts = OutputTexts(session.reader, record.instance, stream: request.stream)
    var text = TextSearch(request, search)
    do {
      while !text.isDone, let next = try texts.next() {
        try text.take(next) { item in
          switch item {
          case .gaveUp: outcome.gaveUp += 1
          case .damaged: outcome.damaged += 1
          case .line, .gap, .dropped: break
          }
          if try !give(record, .item(item)) { throw Enough() }
        }
      }
    } catch is Enough { return false }
    outcome.lines += text.count
    if text.count > 0 { outcome.instances += 1 }
    return try give(record, .end(count: text.count))
  }
}
