internal import Events
internal import HTTPTypes
internal import Linux

extension Route {
  /// A browser's stay: a cookie instead of a token.
  static func session(_ services: Services) -> Route {
    Route("/session")
      .on(.post, .everybody) { request in
        try request.query.finish()
        let token: Token
        do throws(AccessControl.Refused) {
          token = try services.access.shownToken(request.headers)
        } catch { throw Problem(error) }
        if let seconds = services.rates.take(token.digest, at: .now) {
          throw Problem.tooMany("the token \(token.name) asks too often", seconds: seconds)
        }
        let session = try await services.executor.writeFile {
          try services.tokens.openSession(of: token.digest)
        }
        var answer = Answer.hal(
          .object([
            HAL.links([HAL.Link("self", "/session")]),
            JSON.Member("token", .string(token.name)),
            JSON.Member("scope", .string(token.scope.rawValue)),
            JSON.Member("expires_at", .string(Timestamp.rfc3339(session.expiresAt))),
          ]), status: .created)
        let seconds = max(0, (session.expiresAt - WallTime.now) / 1_000_000)
        answer.headers[.setCookie] = cookie(
          session.cookie, seconds: seconds, isTLS: request.connection.isTLS)
        return answer
      }
      .get { request in
        try request.query.finish()
        return .hal(
          HAL.document(request.grant.document, [HAL.Link("self", "/session")]))
      }
      .on(.delete, .everybody) { request in
        try request.query.finish()
        guard let cookie = AccessControl.cookie(request.headers) else {
          throw Problem.notFound("there is no session: no cookie came with the request")
        }
        try await services.executor.writeFile { try services.tokens.endSession(cookie) }
        var answer = Answer(status: .noContent)
        answer.headers[.setCookie] = Self.cookie("", seconds: 0, isTLS: request.connection.isTLS)
        return answer
      }
  }

  private static func cookie(_ value: String, seconds: Int64, isTLS: Bool) -> String {
    "\(AccessControl.cookieName)=\(value); Path=/; HttpOnly; SameSite=Strict; Max-Age=\(seconds)"
      + (isTLS ? "; Secure" : "")
  }
}

extension Grant {
  /// The one who asks, as he is told.
  fileprivate var document: JSON {
    var (user, token): (JSON, JSON) = (.null, .null)
    switch who {
    case .anybody: break
    case .user(let uid): user = .string(Users.name(of: uid))
    case .token(let name, _): token = .string(name)
    }
    return .object([
      JSON.Member("user", user), JSON.Member("token", token),
      JSON.Member("scope", .string(scope.rawValue)),
      JSON.Member("jobs", .strings(jobs.map(\.text))),
      JSON.Member("has_session", .bool(session != nil)),
    ])
  }
}
