internal import Events
import TestSupport

@testable import Projections

/// The same questions, answered by looking at every record.
enum Naive {
  /// - Parameter records: in the order of creation.
  static func answer(_ query: InstanceQuery, _ records: [InstanceRecord]) -> [InstanceRecord] {
    var wanted = records.filter { matches($0, query) }
    if query.isLastOfEachJob {
      var newest: [String: InstanceRecord] = [:]
      for record in wanted
      where wasExecuted(record) || newest[record.job].map(wasExecuted) != true {
        newest[record.job] = record
      }
      wanted = Array(newest.values)
    }
    wanted.sort { precedes($0, $1, query) }
    return Array(wanted.prefix(query.limit ?? .max))
  }

  private static func matches(_ record: InstanceRecord, _ query: InstanceQuery) -> Bool {
    guard isIncluded(record, query), query.patterns.matches(record) else { return false }
    if let since = query.since, record.createdAt < since { return false }
    if let until = query.until, record.createdAt >= until { return false }
    if !query.states.isEmpty, !query.states.contains(record.state) { return false }
    if query.leavesOutRehearsals, record.created.isDryRun { return false }
    if let longer = query.longerThan, (record.runMicroseconds ?? -1) <= longer { return false }
    for parameter in query.parameters
    where !record.created.params.contains(JSON.Member(parameter.name, .string(parameter.value))) {
      return false
    }
    if !query.exitCodes.isEmpty {
      guard let code = record.ending?.exitCode, query.exitCodes.contains(code) else { return false }
    }
    if let user = query.user, record.created.user != user { return false }
    if let group = query.executionGroup, (record.created.executionGroup ?? record.job) != group {
      return false
    }
    guard let part = query.reason else { return true }
    guard let ending = record.ending, record.state != .completed || ending.reason != nil else {
      return false
    }
    let reason = ending.result(isCompleted: record.state == .completed)
    return reason.uppercased().contains(part.uppercased())
  }

  private static func wasExecuted(_ record: InstanceRecord) -> Bool {
    record.state.group != .notExecuted && !record.created.isDryRun
  }

  private static func isIncluded(_ record: InstanceRecord, _ query: InstanceQuery) -> Bool {
    let position = query.asOf ?? .max
    return switch query.include {
    case .live: record.endedAt == nil && record.createdSeq <= position
    case .ended: record.endedAt != nil && !record.isHidden && record.lastSeq <= position
    case .all: !record.isHidden && record.createdSeq <= position
    case .leftBehind: record.leftBehind != nil && record.lastSeq <= position
    }
  }

  private static func precedes(
    _ left: InstanceRecord, _ right: InstanceRecord, _ query: InstanceQuery
  ) -> Bool {
    let (first, second) = (key(left, query.order), key(right, query.order))
    switch (first, second) {
    case (nil, .some): return false
    case (.some, nil): return true
    case (.some(let first), .some(let second)) where first != second:
      return (first < second) == query.isAscending
    default: return (left.createdSeq < right.createdSeq) == query.isAscending
    }
  }

  private static func key(_ record: InstanceRecord, _ order: InstanceQuery.Order) -> Int64? {
    switch order {
    case .created: record.createdSeq.number
    case .finished: record.endedAt?.microseconds
    case .time: record.runMicroseconds
    }
  }
}

/// Questions that have an answer more often than not.
struct RandomQuery {
  enum Filter: CaseIterable, Sendable {
    case patterns, since, until, asOf, states, longerThan, reason, parameters, exitCodes, user,
      executionGroup
    case lastOfEachJob, rehearsals
  }

  private let records: [InstanceRecord]
  private var random: SeededGenerator

  init(_ records: [InstanceRecord], for purpose: String) {
    self.records = records
    random = SeededGenerator(for: purpose)
  }

  private mutating func record() -> InstanceRecord { records[random.below(records.count)] }

  mutating func next() -> InstanceQuery {
    let includes = InstanceQuery.Include.allCases
    var query = InstanceQuery(includes[random.below(includes.count)])
    for filter in Filter.allCases where random.chance(25) { add(filter, to: &query) }
    query.order = InstanceQuery.Order.allCases[random.below(3)]
    query.isAscending = random.chance(50)
    if random.chance(50) { query.limit = 1 + random.below(100) }
    return query
  }

  mutating func add(_ filter: Filter, to query: inout InstanceQuery) {
    switch filter {
    case .patterns: query.patterns = (0...random.below(2)).map { _ in pattern() }
    case .since: query.since = record().createdAt + Int64(random.below(3)) - 1
    case .until: query.until = record().createdAt + Int64(random.below(3)) - 1
    case .asOf: query.asOf = record().lastSeq
    case .states:
      let all = InstanceState.allCases
      query.states = Set((0...random.below(5)).map { _ in all[random.below(all.count)] })
    case .longerThan: query.longerThan = record().runMicroseconds
    case .reason: query.reason = ["because", "OF f", "ED", "", "x"][random.below(5)]
    case .parameters:
      query.parameters = [.init(name: "tape", value: "\(random.below(10))")]
      if random.chance(20) { query.parameters.append(.init(name: "none", value: "")) }
    case .exitCodes:
      query.exitCodes = Set(records.prefix(50).compactMap { $0.ending?.exitCode }).union([7])
    case .user: query.user = random.chance(50) ? record().created.user : "nobody else"
    case .executionGroup:
      query.executionGroup = record().created.executionGroup ?? record().job
    case .lastOfEachJob: query.isLastOfEachJob = true
    case .rehearsals: query.leavesOutRehearsals = true
    }
  }

  private mutating func pattern() -> Pattern {
    let record = record()
    return switch random.below(8) {
    case 0, 1: Pattern(record.job)
    case 2: Pattern(record.instance.text)
    case 3: Pattern(String(record.instance.text.prefix(4 + random.below(12))))
    case 4: Pattern(record.name)
    case 5: Pattern("*\(record.instance.text.suffix(1))")
    case 6: Pattern("\(record.job.prefix(1))*")
    default: Pattern("*@*")
    }
  }
}
