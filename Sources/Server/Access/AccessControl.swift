internal import Events
internal import Glibc
internal import HTTPTypes
internal import Linux

/// Says who asks: the holder of a token, or this user or root by the kernel's word.
struct AccessControl: Sendable {
  /// The reason why somebody was not let in, for the log and the metrics; who asked is told nothing of it.
  enum Reason: String, Sendable {
    case noCredential = "no credential"
    case badCredential = "credential of another form"
    case unknownToken = "unknown token"
    case expiredToken = "expired token"
    case unusableTokens = "tokens cannot be read"
    case otherUser = "another user of this host"
  }

  struct Refused: Error {
    let reason: Reason
    var detail: String?
  }

  static let cookieName = "taros_session"

  let tokens: TokenFile

  func grant(
    _ headers: HTTPFields, _ connection: HTTPConnection
  ) async throws(Refused) -> Grant {
    let fields = headers[values: .authorization]
    if !fields.isEmpty { return try grant(authorization: fields, connection) }
    if let cookie = Self.cookie(headers), let grant = grant(cookie: cookie, connection) {
      return grant
    }
    guard connection.isTrusted else { throw Refused(reason: .noCredential) }
    guard let uid = await connection.peerUser() else {
      throw Refused(reason: .noCredential, detail: "the kernel does not say whose connection it is")
    }
    guard uid == geteuid() || uid == 0 else {
      throw Refused(reason: .otherUser, detail: "user \(uid)")
    }
    return Grant(who: .user(uid), scope: .control, jobs: [], address: connection.remote)
  }

  /// The token that was shown, and not a cookie that stands for it.
  func shownToken(_ headers: HTTPFields) throws(Refused) -> Token {
    let fields = headers[values: .authorization]
    guard !fields.isEmpty else { throw Refused(reason: .noCredential) }
    guard fields.count == 1, let field = fields.first else { throw Refused(reason: .badCredential) }
    let parts = field.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else {
      throw Refused(reason: .badCredential)
    }
    let text = parts[1].drop { $0 == " " }
    guard text.hasPrefix(Token.prefix), text.utf8.count < 200 else {
      throw Refused(reason: .badCredential)
    }
    let (list, failure) = tokens.current()
    if let failure { throw Refused(reason: .unusableTokens, detail: failure.description) }
    guard let token = list.token(String(text)) else { throw Refused(reason: .unknownToken) }
    guard !token.isExpired(at: .now) else {
      throw Refused(reason: .expiredToken, detail: "token \(token.name)")
    }
    return token
  }

  private func grant(
    authorization fields: [String], _ connection: HTTPConnection
  ) throws(Refused) -> Grant {
    var headers = HTTPFields()
    headers[values: .authorization] = fields
    return Self.grant(try shownToken(headers), connection)
  }

  /// Returns nil for a cookie that is no good any more: its owner is then asked for something else.
  private func grant(cookie: String, _ connection: HTTPConnection) -> Grant? {
    let now = WallTime.now
    let (list, failure) = tokens.current()
    guard failure == nil, let found = list.token(ofSession: cookie, at: now),
      !found.token.isExpired(at: now)
    else { return nil }
    var grant = Self.grant(found.token, connection)
    grant.session = found.session
    return grant
  }

  private static func grant(_ token: Token, _ connection: HTTPConnection) -> Grant {
    Grant(
      who: .token(name: token.name, token.digest), scope: token.scope,
      jobs: token.jobs.map { Pattern($0) }, address: connection.remote)
  }

  /// Tells whether what was granted holds still: streams ask now and then.
  func holds(_ grant: Grant) -> Bool {
    guard case .token(_, let digest) = grant.who else { return true }
    let (list, failure) = tokens.current()
    let now = WallTime.now
    guard failure == nil, let token = list.token(digest) else { return false }
    return !token.isExpired(at: now) && grant.session.map { list.hasSession($0, at: now) } ?? true
  }

  /// The session's cookie among all that a browser sends (RFC 6265).
  static func cookie(_ headers: HTTPFields) -> String? {
    for field in headers[values: .cookie] {
      for pair in field.split(separator: ";") {
        let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
        if parts.count == 2, parts[0] == cookieName { return String(parts[1]) }
      }
    }
    return nil
  }
}
