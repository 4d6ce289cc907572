internal import Events
internal import Ledger
internal import Linux
internal import Operations
internal import Projections
internal import Settings

/// Which instances a list is to have, as a query of REST says it.
struct InstanceSelection: Sendable {
  private enum Include: String, CaseIterable { case live, finished, all }
  private enum Direction: String, CaseIterable { case asc, desc }

  private(set) var query: InstanceQuery
  /// As it was asked for, without the cursor: what links lead on with.
  private let parameters: [(name: String, value: String)]
  private let cursor: String?
  /// A position, or microseconds since 1970.
  private let asOf: (position: Int64?, time: Int64?)
  let limit: Int
  let grant: Grant

  init(_ request: ServerRequest) throws(Problem) {
    var query = request.query
    parameters = query.items.filter { $0.name != "cursor" }
    grant = request.grant
    let now = Clock.wallMicroseconds()
    let isFinished = try query.takeFlag("finished")
    let include = try query.takeWord("include", Include.self)
    let states = try Self.states(query.takeAll("state"))
    var wanted = InstanceQuery(
      Self.include(include ?? (isFinished ? .finished : nil), hasStates: !states.isEmpty))
    wanted.states = states
    wanted.patterns = query.takeAll("match").map { Pattern($0) }
    guard wanted.patterns.count <= 20, !wanted.patterns.contains(where: \.text.isEmpty) else {
      throw .badParameter("match", "", "accepted: up to 20 patterns, none of them empty")
    }
    wanted.since = try query.takeTime("since", now: now)
    wanted.until = try query.takeTime("until", now: now)
    wanted.parameters = try Self.parameters(query.takeAll("param"))
    wanted.order = try query.takeWord("sort", InstanceQuery.Order.self) ?? .created
    wanted.isAscending = try query.takeWord("order", Direction.self) == .asc
    limit = Int(try query.takeCount("limit", 1...1000) ?? 100)
    cursor = try query.take("cursor")
    asOf = try Self.asOf(query.take("as_of"), now)
    try query.finish()
    if let cursor {
      guard let parsed = InstanceCursor(cursor, for: wanted) else {
        throw .badParameter("cursor", cursor, "it is none of a list in this order")
      }
      wanted.cursor = parsed
    }
    self.query = wanted
  }

  private static func include(_ include: Include?, hasStates: Bool) -> InstanceQuery.Include {
    switch include {
    case .live: .live
    case .finished: .ended
    case .all: .all
    case nil: hasStates ? .all : .live
    }
  }

  private static func states(_ names: [String]) throws(Problem) -> Set<InstanceState> {
    var states: Set<InstanceState> = []
    for name in names {
      guard let state = InstanceState(rawValue: name.uppercased()) else {
        let all = InstanceState.allCases.map(\.rawValue).joined(separator: ", ")
        throw .badParameter("state", name, "accepted: \(all)")
      }
      states.insert(state)
    }
    return states
  }

  private static func parameters(
    _ texts: [String]
  ) throws(Problem) -> [InstanceQuery.Parameter] {
    var parameters: [InstanceQuery.Parameter] = []
    for text in texts {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        throw .badParameter("param", text, "accepted: NAME=VALUE")
      }
      let value = String(text[text.index(after: equals)...])
      parameters.append(InstanceQuery.Parameter(name: String(text[..<equals]), value: value))
    }
    return parameters
  }

  private static func asOf(
    _ text: String?, _ now: Int64
  ) throws(Problem) -> (position: Int64?, time: Int64?) {
    guard let text else { return (nil, nil) }
    if text.utf8.count <= 18, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let seq = Int64(text) {
      return (seq, nil)
    }
    do { return (nil, try TimeText.microseconds(text, now: now)) } catch {
      throw .badParameter("as_of", text, "accepted: a position, or a time: \(error.remedy)")
    }
  }

  /// Those that are wanted and may be seen, and where the list goes on.
  func page(_ session: LedgerSession) throws(LedgerError) -> InstancePage {
    var query = query
    if let time = asOf.time {
      query.asOf = try session.reader.position(before: time)
    } else {
      query.asOf = asOf.position
    }
    if query.patterns.isEmpty { query.patterns = grant.jobs }
    query.limit = limit
    var page = try session.projections.page(query)
    page.records.removeAll { !grant.allows($0.job, $0.instance) }
    while let next = page.next, page.records.count < limit {
      query.cursor = next
      query.limit = limit - page.records.count
      let more = try session.projections.page(query)
      page.records += more.records.filter { grant.allows($0.job, $0.instance) }
      page.next = more.next
    }
    return page
  }

  /// - Parameter next: nil for the list itself.
  func link(_ path: String, next: InstanceCursor? = nil) -> String {
    var items = parameters
    if let next {
      items.append(("cursor", next.text(for: query)))
    } else if let cursor {
      items.append(("cursor", cursor))
    }
    let text = items.map { "\(PercentCoding.encode($0.name))=\(PercentCoding.encode($0.value))" }
    return text.isEmpty ? path : "\(path)?\(text.joined(separator: "&"))"
  }
}
