internal import Events
internal import HTTPTypes
internal import HummingbirdCore
internal import Linux
internal import NIOCore
internal import Settings

/// Answers a request: who it is, what he may, which resource, and what is wrong where something is.
struct Responder: Sendable {
  private let services: Services
  private let router: Router
  private let sites: SiteRules

  init(_ services: Services) {
    self.services = services
    let configuration = services.configuration
    router = Router(Route.all(services))
    sites = SiteRules(hosts: configuration.hosts, origins: configuration.origins)
  }

  /// The facts that are known of a request when it has been answered.
  private struct Progress {
    var route = "-"
    var grant: Grant
  }

  @concurrent
  func respond(
    _ request: Request, _ writer: consuming ResponseWriter, _ connection: HTTPConnection
  ) async throws {
    let start = MonotonicTime.now
    let target = request.head.path ?? ""
    let path = String(target.prefix { $0 != "?" })
    var progress = Progress(grant: .anybody(connection.remote))
    var answer: Answer
    do {
      answer = try await self.answer(request, target, connection, &progress)
    } catch {
      guard let problem = Problem(error, remedies: services.remedies) else { throw error }
      if problem.refusal != nil {
        services.observer.refused(connection, problem, path: path)
      } else if problem.status == .internalServerError {
        services.observer.mistaken(connection, error, path: path)
      }
      answer = problem.answer
    }
    answer.headers.append(contentsOf: sites.corsHeaders(request.headers))
    if answer.headers[.cacheControl] == nil { answer.headers[.cacheControl] = "no-store" }
    if request.method == .head { answer = answer.withoutBody }
    services.observer.began(
      request.method, route: progress.route, status: answer.status.code,
      microseconds: MonotonicTime.now - start)
    defer {
      services.observer.answered(
        connection, progress.grant, method: request.method, path: path,
        status: answer.status.code, microseconds: MonotonicTime.now - start)
    }
    try await Self.write(answer, isHEAD: request.method == .head, writer)
  }

  @concurrent
  private static func write(
    _ answer: Answer, isHEAD: Bool, _ writer: consuming ResponseWriter
  ) async throws {
    var head = HTTPResponse(status: answer.status, headerFields: answer.headers)
    switch answer.body {
    case .none:
      let hasBody = answer.status != .noContent && answer.status != .notModified
      if !isHEAD, hasBody { head.headerFields[.contentLength] = "0" }
      try await writer.writeResponse(head)
    case .bytes(let bytes):
      head.headerFields[.contentLength] = "\(bytes.readableBytes)"
      try await writer.write(response: head, body: ResponseBody(byteBuffer: bytes))
    case .stream(let length, let write):
      if let length { head.headerFields[.contentLength] = "\(length)" }
      let body = AnswerWriter(try await writer.writeHead(head))
      // An error from here on breaks the connection off: half an answer must not look whole.
      try await write(body)
      try await body.finish()
    }
  }

  private func answer(
    _ request: Request, _ target: String, _ connection: HTTPConnection, _ progress: inout Progress
  ) async throws -> Answer {
    let host = request.head.authority ?? ""
    let (path, query) = Self.parts(of: target)
    guard sites.knows(host: host, bound: connection.bound) else { throw Problem.misdirected(host) }
    let match = try router.match(path)
    if let match { progress.route = match.route.template }
    if request.method == .options, let match {
      return Self.options(match.route, request, sites)
    }
    if Self.changes(request.method) {
      try refuseForeign(request, host: host, isTLS: connection.isTLS)
    }
    guard let match, case .some(let operation) = match.route[request.method] else {
      // What everybody may ask has methods that everybody may know.
      if !(match?.route.isForEverybody ?? false) {
        progress.grant = try await grant(request, connection)
      }
      guard let match else { throw Problem.notFound("there is no \(Problem.quoted(String(path)))") }
      throw Problem.notAllowed(
        request.method.rawValue, String(path), allow: match.route.allowedMethods)
    }
    if case .scope(let scope) = operation.access {
      progress.grant = try await grant(request, connection)
      guard progress.grant.scope >= scope else {
        throw Problem.forbidden(
          "\(progress.grant.name) may read, and not \(request.method.rawValue) \(path)",
          trouble: .needsControl)
      }
    }
    var body = request.body.makeAsyncIterator()
    var bytes = ByteBuffer()
    while var piece = try await body.next() { bytes.writeBuffer(&piece) }
    return try await operation.handle(
      ServerRequest(
        method: request.method, path: String(path),
        target: query.isEmpty ? String(path) : "\(path)?\(query)", query: try Query(query),
        headers: request.headers, body: bytes, grant: progress.grant, connection: connection,
        parameters: match.parameters))
  }

  private static func changes(_ method: HTTPRequest.Method) -> Bool {
    method != .get && method != .head && method != .options
  }

  private static func options(_ route: Route, _ request: Request, _ sites: SiteRules) -> Answer {
    var answer = Answer(status: .noContent)
    answer.headers = sites.preflight(request.headers, allow: route.allowedMethods)
    answer.headers[.allow] = route.allowedMethods.joined(separator: ", ")
    // The fields that every answer has are added again.
    answer.headers[.accessControlAllowOrigin] = nil
    answer.headers[.accessControlExposeHeaders] = nil
    answer.headers[.vary] = nil
    return answer
  }

  /// Returns path and query of `/a?b`, and of `http://host/a?b`, which a client may send to any server (RFC 9112,
  /// 3.2.2). The caller knows that the host is that of `Host`.
  private static func parts(of target: String) -> (Substring, Substring) {
    var rest = target[...]
    for scheme in ["http://", "https://"] where rest.lowercased().hasPrefix(scheme) {
      rest = rest.dropFirst(scheme.utf8.count).drop { $0 != "/" && $0 != "?" }
      break
    }
    let path = rest.prefix { $0 != "?" }
    return (path.isEmpty ? "/" : path, rest.dropFirst(path.count).dropFirst())
  }

  private func refuseForeign(
    _ request: Request, host: String, isTLS: Bool
  ) throws(Problem) {
    switch sites.judge(request.headers, host: host, isTLS: isTLS) {
    case .allowed: break
    case .foreign(let what):
      throw .forbidden(
        "the request comes from a page of another site (\(what)); server.origins in taros.yaml "
          + "names those that may")
    }
  }

  private func grant(
    _ request: Request, _ connection: HTTPConnection
  ) async throws(Problem) -> Grant {
    let grant: Grant
    do throws(AccessControl.Refused) {
      grant = try await services.access.grant(request.headers, connection)
    } catch { throw Problem(error) }
    guard case .token(let name, let digest) = grant.who,
      let seconds = services.rates.take(digest, at: .now)
    else { return grant }
    throw .tooMany("the token \(name) asks too often", seconds: seconds)
  }
}

extension Problem {
  /// The same for all, with the reason for the log alone.
  init(_ refused: AccessControl.Refused) {
    self = .unauthorized
    remark = refused.detail.map { "\(refused.reason.rawValue): \($0)" } ?? refused.reason.rawValue
  }
}
