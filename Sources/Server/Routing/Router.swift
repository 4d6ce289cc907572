/// Finds the resource of a path.
struct Router: Sendable {
  struct Match: Sendable {
    let route: Route
    let parameters: [String: String]
  }

  /// The routes by the number of segments; those with more words of their own first.
  private let routes: [Int: [Route]]

  init(_ routes: [Route]) {
    self.routes = Dictionary(grouping: routes) { $0.segments.count }.mapValues { routes in
      routes.sorted { Self.parameters($0) < Self.parameters($1) }
    }
  }

  private static func parameters(_ route: Route) -> Int {
    route.segments.count { if case .parameter = $0 { true } else { false } }
  }

  /// - Throws: where a part of the path is not percent-encoded UTF-8.
  func match(_ path: Substring) throws(Problem) -> Match? {
    guard path.first == "/" else { throw .badRequest("the path does not begin with a slash") }
    var parts: [String] = []
    // A slash within a name is encoded, and so is still part of one name here.
    for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      guard let decoded = PercentCoding.decode(part) else {
        throw .badRequest(
          "\(Problem.quoted(String(part))) in the path is not percent-encoded UTF-8")
      }
      parts.append(decoded)
    }
    if parts == [""] { parts = [] }
    for route in routes[parts.count] ?? [] {
      if let parameters = route.match(parts) { return Match(route: route, parameters: parameters) }
    }
    return nil
  }
}
