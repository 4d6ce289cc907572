internal import Events

/// The content of `tokens.json`.
struct TokenList: Sendable, Equatable {
  var tokens: [Token] = []
  var sessions: [BrowserSession] = []

  /// - Parameter text: what somebody has shown.
  func token(_ text: String) -> Token? {
    let digest = Token.digest(of: text)
    var found: Token?
    // The loop compares all of them, so that the time says nothing of how many bytes are alike.
    for token in tokens where token.digest.isSame(as: digest) { found = token }
    return found
  }

  /// The token that a cookie stands for.
  func token(ofSession cookie: String, at now: WallTime) -> (token: Token, session: Digest)? {
    let digest = Token.digest(of: cookie)
    var found: BrowserSession?
    for session in sessions where session.digest.isSame(as: digest) { found = session }
    guard let found, found.expiresAt > now, let token = token(found.token) else { return nil }
    return (token, digest)
  }

  /// Tells whether the stay goes on.
  func hasSession(_ digest: Digest, at now: WallTime) -> Bool {
    sessions.contains { $0.digest == digest && $0.expiresAt > now }
  }

  func token(_ digest: Digest) -> Token? { tokens.first { $0.digest == digest } }

  /// Drops sessions that are over, or whose tokens are gone.
  mutating func prune(at now: WallTime) {
    let known = Set(tokens.map(\.digest))
    sessions.removeAll { $0.expiresAt <= now || !known.contains($0.token) }
  }

  var json: JSON {
    .object([
      JSON.Member(
        "tokens",
        .array(
          tokens.map { token in
            .object(omittingNil: [
              ("name", .string(token.name)), ("sha256", .string("\(token.digest)")),
              ("scope", .string(token.scope.rawValue)),
              ("jobs", token.jobs.isEmpty ? nil : .strings(token.jobs)),
              ("created_at", .microseconds(token.createdAt)),
              ("expires_at", token.expiresAt.map { .microseconds($0) }),
            ])
          })),
      JSON.Member(
        "sessions",
        .array(
          sessions.map { session in
            .object(omittingNil: [
              ("sha256", .string("\(session.digest)")), ("token", .string("\(session.token)")),
              ("expires_at", .microseconds(session.expiresAt)),
            ])
          })),
    ])
  }

  init() {}

  /// Fails where something in it is not understood: nobody could say then who would be let in.
  init?(_ json: JSON) {
    guard let tokens = json["tokens"]?.array else { return nil }
    for entry in tokens {
      guard let name = entry["name"]?.string,
        let digest = entry["sha256"]?.string.flatMap({ Digest(hexadecimal: $0) }),
        let scope = entry["scope"]?.string.flatMap({ Token.Scope(rawValue: $0) })
      else { return nil }
      let jobs = entry["jobs"]?.array ?? []
      let patterns = jobs.compactMap(\.string)
      let expiry = entry["expires_at"]
      guard patterns.count == jobs.count, (entry["jobs"] == nil) == patterns.isEmpty,
        expiry == nil || expiry?.integer != nil
      else { return nil }
      self.tokens.append(
        Token(
          name: name, digest: digest, scope: scope, jobs: patterns,
          createdAt: entry["created_at"]?.wallTime ?? .epoch,
          expiresAt: expiry?.wallTime))
    }
    for entry in json["sessions"]?.array ?? [] {
      guard let digest = entry["sha256"]?.string.flatMap({ Digest(hexadecimal: $0) }),
        let token = entry["token"]?.string.flatMap({ Digest(hexadecimal: $0) }),
        let expiry = entry["expires_at"]?.wallTime
      else { return nil }
      sessions.append(BrowserSession(digest: digest, token: token, expiresAt: expiry))
    }
  }
}
