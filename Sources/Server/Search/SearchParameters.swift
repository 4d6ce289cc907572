internal import Events
internal import Matching
internal import Operations
internal import Projections

/// The parameters of a search in what instances have printed.
struct SearchParameters: Sendable {
  static let defaultLimit: Int64 = 1000
  static let largestLimit: Int64 = 10_000
  static let mostContext: Int64 = 100
  static let expressionLength = 1...4096

  let request: SearchRequest
  let query: InstanceQuery
  /// Only how many lines there are of each instance.
  let countsOnly: Bool
  /// So many documents at most.
  let limit: Int

  init(_ request: ServerRequest) throws(Problem) {
    let now = WallTime.now
    var parameters = request.query
    var search = try SearchRequest(Self.expression(&parameters))
    search.isInverted = try parameters.takeFlag("invert")
    search.stream = try parameters.takeStream()
    search.maximum = try parameters.takeCount("max_count", 1...1_000_000).map(Int.init)
    let before = try parameters.takeCount("lines_before", 0...Self.mostContext)
    let after = try parameters.takeCount("lines_after", 0...Self.mostContext)
    countsOnly = try parameters.takeFlag("count")
    search.countsOnly = countsOnly
    if !countsOnly {
      (search.before, search.after) = (Int(before ?? 0), Int(after ?? 0))
      (search.wantsMatches, search.wantsAllMatches) = (true, true)
    }
    self.request = search
    var query = InstanceQuery(.all)
    if let include = try parameters.takeWord("include", InstanceParameters.Include.self) {
      query.include = include.include
    }
    query.patterns = try InstanceParameters.patterns(&parameters)
    query.visible = request.grant.jobs
    query.states = try InstanceParameters.states(&parameters)
    query.since = try parameters.takeTime("since", now: now)
    query.until = try parameters.takeTime("until", now: now)
    query.parameters = try InstanceParameters.parameters(&parameters)
    try InstanceParameters.takeEnds(&parameters, &query)
    self.query = query
    limit = Int(try parameters.takeCount("limit", 1...Self.largestLimit) ?? Self.defaultLimit)
    try parameters.finish()
  }

  private static func expression(_ parameters: inout Query) throws(Problem) -> RegularExpression {
    guard
      let text = try parameters.takeAll("regex", atMost: 1, length: expressionLength).first
    else { throw .badParameter("regex", "", "it has to be there: what is looked for") }
    let isLiteral = try parameters.takeFlag("fixed")
    let ignoresCase = try parameters.takeFlag("ignore_case")
    let pattern = isLiteral ? RegularExpression.literal(text) : text
    do throws(RegularExpression.Refusal) {
      return try RegularExpression(pattern, ignoresCase ? [.caseless] : [])
    } catch {
      throw .badParameter(
        "regex", text, "\(error.reason), at character \(error.offset); with fixed it is a text")
    }
  }
}
