internal import Events
internal import HTTPTypes
internal import NIOCore

/// A refusal of a request as a problem document (RFC 9457): what was not done, why, and what to do.
struct Problem: Error, Sendable {
  /// The name below `/problems/`.
  let name: String
  let title: String
  let status: HTTPResponse.Status
  private(set) var detail: String
  /// The members besides those that all problems have.
  var members: [JSON.Member] = []
  var headers = HTTPFields()
  /// The trouble about which the program has to say more.
  var trouble: ServerRemedies.Trouble?
  /// The reason why somebody was not let in or asked for too much, in a word for log and metrics; nil for what is no
  /// refusal.
  var refusal: String?
  /// A remark for the log, which the asker is not told.
  var remark: String?

  var json: JSON {
    .object(
      [
        JSON.Member("type", .string("/problems/\(name)")), JSON.Member("title", .string(title)),
        JSON.Member("status", .integer(Int64(status.code))), JSON.Member("detail", .string(detail)),
      ] + members)
  }

  var answer: Answer {
    var answer = Answer(
      status: status, type: "application/problem+json", bytes: Array(json.text.utf8))
    answer.headers.append(contentsOf: headers)
    return answer
  }

  /// Returns the problem with what the program says to do about it.
  func told(by remedies: ServerRemedies) -> Problem {
    guard let trouble else { return self }
    var problem = self
    problem.detail += "; \(remedies.remedy(trouble))"
    return problem
  }

  func header(_ name: HTTPField.Name, _ value: String) -> Problem {
    var problem = self
    problem.headers[name] = value
    return problem
  }
}

extension Problem {
  static func badParameter(_ name: String, _ value: String, _ reason: String) -> Problem {
    Problem(
      name: "bad-parameter", title: "Bad parameter", status: .badRequest,
      detail: "\(name) \(quoted(value)): \(reason)",
      members: [JSON.Member("parameter", .string(name))])
  }

  static func badRequest(_ detail: String) -> Problem {
    Problem(
      name: "bad-request", title: "Bad request", status: .badRequest, detail: detail)
  }

  static func notFound(_ detail: String) -> Problem {
    Problem(name: "not-found", title: "Not found", status: .notFound, detail: detail)
  }

  static func notAllowed(_ method: String, _ path: String, allow: [String]) -> Problem {
    Problem(
      name: "method-not-allowed", title: "Method not allowed", status: .methodNotAllowed,
      detail: "\(path) has no \(method); it has \(allow.joined(separator: ", "))"
    ).header(.allow, allow.joined(separator: ", "))
  }

  /// The same for every credential that is refused, whatever is wrong with it.
  static let unauthorized = Problem(
    name: "unauthorized", title: "Who are you?", status: .unauthorized,
    detail: "this needs a token that is valid: Authorization: Bearer TOKEN", trouble: .needsToken,
    refusal: "unauthorized"
  ).header(.wwwAuthenticate, "Bearer")

  static func forbidden(
    _ detail: String, trouble: ServerRemedies.Trouble? = nil
  ) -> Problem {
    Problem(
      name: "forbidden", title: "Forbidden", status: .forbidden, detail: detail,
      trouble: trouble, refusal: "forbidden")
  }

  static func misdirected(_ host: String) -> Problem {
    Problem(
      name: "misdirected", title: "Misdirected request", status: .misdirectedRequest,
      detail: "this server is not called \(quoted(host)); use its address, or add the name to "
        + "server.hosts in taros.yaml", refusal: "misdirected")
  }

  static func tooMany(_ what: String, seconds: Int) -> Problem {
    Problem(
      name: "too-many-requests", title: "Too many requests", status: .tooManyRequests,
      detail: "\(what); wait \(seconds) s, or raise limits.requests in taros.yaml", refusal: "rate"
    ).header(.retryAfter, "\(seconds)")
  }

  static func busy(_ detail: String) -> Problem {
    Problem(name: "busy", title: "Busy", status: .serviceUnavailable, detail: detail)
      .header(.retryAfter, "1")
  }

  static func conflict(_ detail: String) -> Problem {
    Problem(name: "conflict", title: "Conflict", status: .conflict, detail: detail)
  }

  /// The answer to what is a mistake of this program, not of who asks.
  static let mistake = Problem(
    name: "mistake", title: "A mistake of the server", status: .internalServerError,
    detail: "the server could not do it, and its log says why; ask again, and report it")

  static func quoted(_ text: String) -> String {
    "\"\(text.utf8.count > 200 ? "\(text.prefix(100))..." : text)\""
  }
}
