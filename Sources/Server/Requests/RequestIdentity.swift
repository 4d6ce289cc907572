internal import Digests
internal import Events
internal import Glibc
internal import HTTPTypes
internal import Ledger
internal import Linux
internal import NIOCore
internal import Operations

/// The requester, as the event of what is asked for tells it, and whether it was asked before.
extension ServerRequest {
  func requester(reason: String?) throws(Problem) -> Requester {
    var requester = Requester()
    requester.via = .rest
    requester.host = Host.name()
    requester.reason = reason
    requester.address = Self.address(grant.address)
    var uid = geteuid()
    switch grant.who {
    case .user(let user): uid = user
    case .token(let name, _): requester.token = name
    case .anybody: break
    }
    requester.uid = Int64(uid)
    requester.user = Users.name(of: uid)
    requester.idempotency = try requestKey()
    return requester
  }

  /// Returns the part of `192.0.2.7:41234`, `[2001:db8::7]:41234` and `unix:1000` that is the same for each connection
  /// from there.
  private static func address(_ remote: String) -> String {
    guard let colon = remote.lastIndex(of: ":") else { return remote }
    return String(remote[..<colon].filter { $0 != "[" && $0 != "]" })
  }

  /// The same for what is the same request: method, target, body, and who asks.
  private func requestKey() throws(Problem) -> RequestKey? {
    let fields = headers[values: .idempotencyKey]
    guard let key = fields.first else { return nil }
    guard fields.count == 1 else {
      throw .badParameter("Idempotency-Key", fields[1], "it may be there once")
    }
    guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw .badParameter("Idempotency-Key", key, "accepted: 1 to 255 visible ASCII characters")
    }
    let who =
      switch grant.who {
      case .anybody: "-"
      case .user(let uid): "user \(uid)"
      case .token(_, let digest): "token \(digest)"
      }
    var bytes: [UInt8] = []
    for part in [method.rawValue, path, String(query.text), who] {
      // No part holds NUL.
      bytes += Array(part.utf8) + [0]
    }
    bytes += body.readableBytesView
    return RequestKey(key: Digest(of: Array(key.utf8)), request: Digest(of: bytes))
  }

  /// A name that the path has.
  func name(_ parameter: String, atMost length: Int) throws(Problem) -> String {
    let name = self[parameter]
    guard name.unicodeScalars.count <= length else {
      throw .badParameter(parameter, name, "it has more than \(length) characters")
    }
    return name
  }
}

extension RequestKeys {
  /// The request that was asked before with the requester's key, on disk; nil where it is new, or has none.
  /// - Throws: `Problem` where the key was used for another.
  func repeated(_ requester: Requester, _ session: LedgerSession) throws -> Use? {
    guard let key = requester.idempotency else { return nil }
    guard let use = try use(of: key, session.reader) else {
      guard !isFull else {
        throw Problem.busy("more than \(Self.limit) keys were used within a day; ask without one")
      }
      return nil
    }
    _ = try check(use, requester)
    try session.settle()
    return use
  }

  /// - Throws: where the key was used for another request.
  func check(_ use: Use, _ requester: Requester) throws(Problem) -> Use {
    guard use.request != requester.idempotency?.request else { return use }
    throw Problem(
      name: "idempotency-key", title: "Key used before", status: .unprocessableContent,
      detail: "Idempotency-Key: it was used for another request within 24 h; take a new one for "
        + "each",
      members: [JSON.Member("parameter", "Idempotency-Key")])
  }
}

extension Answer {
  /// Answers that the request is on disk, at that position.
  static func accepted(
    _ seq: Seq, _ link: HAL.Link, status: HTTPResponse.Status = .accepted,
    _ more: [JSON.Member] = []
  ) -> Answer {
    let event = HAL.Link("event", "/events?after=\(seq - 1)&limit=1")
    return .hal(
      .object([JSON.Member("seq", .seq(seq)), HAL.links([event, link])] + more),
      status: status)
  }
}

extension HTTPField.Name {
  fileprivate static let idempotencyKey = named("Idempotency-Key")
}
