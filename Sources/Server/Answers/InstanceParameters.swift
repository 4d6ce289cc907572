internal import Events
internal import Linux
internal import Operations
internal import Projections

/// The parameters by which a request selects instances.
struct InstanceParameters: Sendable {
  static let defaultLimit: Int64 = 100
  static let largestLimit: Int64 = 1000
  /// The most patterns, and parameters, that may be named.
  static let namesLimit = 20
  /// The length of `job@instance`, up to that with the longest job id.
  static let nameLength = 1...1041

  enum Include: String, CaseIterable {
    case live, finished, all

    var include: InstanceQuery.Include {
      switch self {
      case .live: .live
      case .finished: .ended
      case .all: .all
      }
    }
  }

  private enum Order: String, CaseIterable { case asc, desc }

  private(set) var query: InstanceQuery
  /// The moment as of which they are wanted; nil: now.
  let moment: AskedMoment?
  /// The fields that are wanted of each; nil for all.
  let fields: Set<String>?
  let question: AnswerCache.Question

  /// - Parameter job: of that job alone.
  init(_ request: ServerRequest, job: String? = nil) throws(Problem) {
    let now = WallTime.now
    var parameters = request.query
    let include = try parameters.takeWord("include", Include.self)
    let isFinished = try parameters.takeFlag("finished")
    query = InstanceQuery(.live)
    if job == nil {
      query.patterns = try Self.patterns(&parameters)
    }
    query.job = job
    query.visible = request.grant.jobs
    query.states = try Self.states(&parameters)
    let standard: Include = job != nil || !query.states.isEmpty ? .all : .live
    query.include = (include ?? (isFinished ? .finished : standard)).include
    query.since = try parameters.takeTime("since", now: now)
    query.until = try parameters.takeTime("until", now: now)
    query.parameters = try Self.parameters(&parameters)
    try Self.takeEnds(&parameters, &query)
    query.isAscending = try parameters.takeWord("order", Order.self) == .asc
    query.order = try parameters.takeWord("sort", InstanceQuery.Order.self) ?? .created
    query.limit = Int(
      try parameters.takeCount("limit", 1...Self.largestLimit) ?? Self.defaultLimit)
    if let text = try parameters.take("cursor") {
      guard let cursor = InstanceCursor(text) else {
        throw .badParameter("cursor", text, "accepted: what the link next of a list has")
      }
      query.cursor = cursor
    }
    moment = try parameters.takeMoment(now: now)
    fields = try InstanceFields.wanted(&parameters)
    try parameters.finish()
    question = AnswerCache.Question(request, query.since, query.until, moment?.time)
  }

  /// Takes what narrows by who ran, and how it ended.
  static func takeEnds(
    _ parameters: inout Query, _ query: inout InstanceQuery
  ) throws(Problem) {
    func one(_ name: String) throws(Problem) -> String? {
      try parameters.takeAll(name, atMost: 1, length: 1...1024).first
    }
    query.reason = try one("reason")
    query.user = try one("user")
    query.executionGroup = try one("execution_group")
    query.longerThan = try parameters.takeDuration("longer", atMost: .max)
    for text in try parameters.takeAll("exit_code", atMost: namesLimit, length: 1...3) {
      guard let code = UInt8(text), text.utf8.first != UInt8(ascii: "+") else {
        throw .badParameter("exit_code", text, "accepted: a number from 0 to 255")
      }
      query.exitCodes.insert(Int64(code))
    }
  }

  static func patterns(_ parameters: inout Query) throws(Problem) -> [Pattern] {
    try parameters.takeAll("match", atMost: namesLimit, length: nameLength).map { Pattern($0) }
  }

  static func states(_ parameters: inout Query) throws(Problem) -> Set<InstanceState> {
    var states: Set<InstanceState> = []
    for text in try parameters.takeAll("state", atMost: 36, length: 1...100) {
      guard let state = InstanceState(rawValue: text.uppercased()) else {
        let names = InstanceState.allCases.map(\.rawValue).joined(separator: ", ")
        throw .badParameter("state", text, "accepted: \(names)")
      }
      states.insert(state)
    }
    return states
  }

  static func parameters(
    _ parameters: inout Query
  ) throws(Problem) -> [InstanceQuery.Parameter] {
    var found: [InstanceQuery.Parameter] = []
    for text in try parameters.takeAll("param", atMost: namesLimit, length: 0...1024) {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        throw .badParameter("param", text, "accepted: NAME=VALUE")
      }
      found.append(
        InstanceQuery.Parameter(
          name: String(text[..<equals]), value: String(text[text.index(after: equals)...])))
    }
    return found
  }
}
