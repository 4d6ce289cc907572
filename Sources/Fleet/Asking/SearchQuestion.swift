internal import Documents
package import Events

extension Asking {
  /// A search in what instances have printed.
  package struct Search: Equatable, Sendable {
    package enum Wanted: Sendable { case lines, matches, counts, names }

    package var expression: String
    package var wanted = Wanted.lines
    package var isLiteral = false
    package var ignoresCase = false
    package var isInverted = false
    /// So many lines of each instance.
    package var maximum: Int?
    package var before = 0
    package var after = 0
    package var stream: OutputStream?

    package init(_ expression: String) { self.expression = expression }

    fileprivate var options: [String] {
      var words: [String] = []
      if isLiteral { words.append("--fixed-strings") }
      if ignoresCase { words.append("--ignore-case") }
      if isInverted { words.append("--invert-match") }
      switch wanted {
      case .lines: break
      case .matches: words.append("--only-matching")
      case .counts: words.append("--count")
      case .names: words.append("--list")
      }
      if let maximum { words += ["--max-count", "\(maximum)"] }
      if before > 0 { words += ["--before-context", "\(before)"] }
      if after > 0 { words += ["--after-context", "\(after)"] }
      return words + Asking.option(stream)
    }

    fileprivate var query: [(String, String?)] {
      var query: [(String, String?)] = [("regex", expression)]
      if isLiteral { query.append(("fixed", nil)) }
      if ignoresCase { query.append(("ignore_case", nil)) }
      if isInverted { query.append(("invert", nil)) }
      if wanted == .counts || wanted == .names { query.append(("count", nil)) }
      if let maximum = wanted == .names ? 1 : maximum {
        query.append(("max_count", "\(maximum)"))
      }
      if before > 0 { query.append(("lines_before", "\(before)")) }
      if after > 0 { query.append(("lines_after", "\(after)")) }
      return query + (stream.map { [("stream", Asking.name($0))] } ?? [])
    }
  }

  /// A server gives no more documents of a search.
  package static let mostFoundByServer = 10_000

  /// Asks for the lines that have it: documents of ``SearchAnswer``, of which a server gives an end.
  package static func search(_ search: Search, _ history: History) -> Asking {
    let query = search.query + history.query + [("limit", "\(mostFoundByServer)")]
    let step = HTTPAsking.Step(HTTPAsking.path(["grep"], query), .lines(.documents))
    return Asking(
      ["grep", "--format", "jsonl"] + search.options + history.options
        + ["--", search.expression] + history.patterns,
      http: HTTPAsking([step]))
  }
}
