internal import HTTPTypes
internal import Linux

/// Judges by what a browser says of where a request comes from.
struct SiteRules: Sendable {
  /// The server's names besides its addresses, in lower case.
  let hosts: Set<String>
  let origins: Set<String>

  init(hosts: [String], origins: [String]) {
    self.hosts = Set(hosts.map { $0.lowercased() })
    self.origins = Set(origins.map { $0.lowercased() })
  }

  /// Tells whether the server is called so: a page whose name leads here (DNS rebinding) calls it otherwise.
  /// - Parameters:
  ///   - host: the value of `Host`.
  ///   - bound: the address at which this connection came in; nil for a unix socket.
  func knows(host: String, bound: InternetAddress?) -> Bool {
    let name = Self.name(of: host)
    if name == "localhost" || hosts.contains(name) { return true }
    let plain =
      name.hasPrefix("[") && name.hasSuffix("]") ? String(name.dropFirst().dropLast()) : name
    guard let address = InternetAddress(plain) else { return false }
    return address.isLoopback || address == bound || address.unmapped == bound?.unmapped
  }

  /// Returns the name without the port, in lower case.
  private static func name(of host: String) -> String {
    let text = host.lowercased()
    if let end = text.lastIndex(of: "]") { return String(text[...end]) }
    guard let colon = text.firstIndex(of: ":") else { return text }
    return String(text[..<colon])
  }

  enum Verdict: Equatable, Sendable {
    case allowed
    case foreign(String)
  }

  /// Judges whether a request that changes something may come from the page that it comes from.
  func judge(_ headers: HTTPFields, host: String, isTLS: Bool) -> Verdict {
    if let origin = headers[.origin] {
      let origin = origin.lowercased()
      let own = "\(isTLS ? "https" : "http")://\(host.lowercased())"
      // Behind a proxy that ends TLS the page has another scheme than this connection.
      guard origin == own || origin == "https://\(host.lowercased())" || origins.contains(origin)
      else { return .foreign("Origin \(Problem.quoted(origin))") }
      return .allowed
    }
    guard let site = headers[.secFetchSite] else { return .allowed }
    return site == "same-origin" || site == "none"
      ? .allowed : .foreign("Sec-Fetch-Site \(Problem.quoted(site))")
  }

  /// Returns the fields that a browser is told of an origin that may ask; none for others.
  func corsHeaders(_ headers: HTTPFields) -> HTTPFields {
    var answer = HTTPFields()
    guard !origins.isEmpty else { return answer }
    answer[.vary] = "Origin"
    guard let origin = headers[.origin], origins.contains(origin.lowercased()) else {
      return answer
    }
    answer[.accessControlAllowOrigin] = origin
    answer[.accessControlExposeHeaders] = "Link, Retry-After, Content-Range"
    return answer
  }

  /// The answer to a browser that asks before it asks (CORS preflight).
  func preflight(_ headers: HTTPFields, allow: [String]) -> HTTPFields {
    var answer = corsHeaders(headers)
    guard answer[.accessControlAllowOrigin] != nil else { return answer }
    answer[.accessControlAllowMethods] = allow.joined(separator: ", ")
    answer[.accessControlAllowHeaders] =
      "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Range"
    answer[.accessControlMaxAge] = "600"
    return answer
  }
}

extension HTTPField.Name {
  static let secFetchSite = named("Sec-Fetch-Site")
  static let host = named("Host")
  static let link = named("Link")

  /// - Parameter name: a word, as those above are.
  static func named(_ name: String) -> HTTPField.Name {
    guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no field's name") }
    return name
  }
}
