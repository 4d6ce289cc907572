internal import NIOCore

/// The form that a request's head may have (RFC 9112, RFC 9110).
enum HTTPGrammar {
  struct Field {
    /// The name in lower case.
    let name: String
    let value: String
  }

  /// - Parameter bytes: with the empty line at the end.
  static func head(
    _ bytes: ByteBufferView, _ limits: HTTPLimits
  ) throws(HTTPViolation) -> RequestHead {
    var head = RequestHead()
    var facts = Facts()
    var isFirst = true
    var start = bytes.startIndex
    while start < bytes.endIndex {
      let rest = bytes[start...]
      guard let end = rest.firstIndex(of: 13), end + 1 < bytes.endIndex, bytes[end + 1] == 10
      else { throw .malformed("a line ends wrongly") }
      let line = bytes[start..<end]
      start = end + 2
      if isFirst {
        try requestLine(line, &head, &facts, limits)
        isFirst = false
      } else if !line.isEmpty {
        facts.count += 1
        guard facts.count <= limits.fields else { throw .tooManyFields }
        try take(line, &facts)
      }
    }
    guard bytes.count <= limits.head else { throw .headTooLarge }
    try conclude(&head, facts, limits)
    return head
  }

  private struct Facts {
    var count = 0
    var hosts = 0
    var host = ""
    /// The server that a target names (RFC 9112, 3.2.2).
    var targetAuthority: String?
    var length: Int64?
    var coding: String?
    var expectation: String?
    var closes = false
    var upgrades = false
  }

  private static func requestLine(
    _ line: ByteBufferView, _ head: inout RequestHead, _ facts: inout Facts, _ limits: HTTPLimits
  ) throws(HTTPViolation) {
    let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
    guard parts.count == 3 else { throw .malformed("the request line has not three parts") }
    let (method, target, version) = (parts[0], parts[1], parts[2])
    guard (1...32).contains(method.count), method.allSatisfy(isToken) else {
      throw .malformed("the method is no word")
    }
    guard target.count <= limits.target else { throw .targetTooLong }
    guard !target.isEmpty, target.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw .malformed("the target holds what has to be percent-encoded")
    }
    if version.elementsEqual("HTTP/1.0".utf8) {
      head.isHTTP10 = true
    } else if !version.elementsEqual("HTTP/1.1".utf8) {
      throw .malformed("the protocol is not HTTP/1.1")
    }
    facts.targetAuthority = try authority(of: target)
    let name = String(decoding: method, as: UTF8.self)
    guard methods.contains(name) else { throw .unknownMethod(name) }
    head.isHEAD = name == "HEAD"
  }

  /// The methods that somebody could mean; NIO's decoder knows them all. What follows CONNECT would be no HTTP.
  static let methods: Set<String> = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE",
  ]

  private static func authority(of target: ByteBufferView) throws(HTTPViolation) -> String? {
    if target.first == UInt8(ascii: "/") || target.elementsEqual("*".utf8) { return nil }
    let text = String(decoding: target, as: UTF8.self)
    for scheme in ["http://", "https://"] where text.lowercased().hasPrefix(scheme) {
      return String(text.dropFirst(scheme.utf8.count).prefix { $0 != "/" && $0 != "?" })
    }
    throw .malformed("the target does not begin with a slash")
  }

  private static func take(_ line: ByteBufferView, _ facts: inout Facts) throws(HTTPViolation) {
    guard let first = line.first else { return }
    guard first != 0x20, first != 0x09 else { throw .malformed("a field goes on in another line") }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
      throw .malformed("a field has no name")
    }
    let name = line[..<colon]
    guard name.allSatisfy(isToken) else { throw .malformed("a field's name is no word") }
    guard line[colon...].allSatisfy(isValue) else {
      throw .malformed("a field holds a control character")
    }
    func isNamed(_ text: StaticString) -> Bool {
      name.count == text.utf8CodeUnitCount
        && zip(name, UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
          .allSatisfy { $0 | 0x20 == $1 }
    }
    func value() -> String { trimmed(line[(colon + 1)...]) }
    switch name.count {
    case 4 where isNamed("host"):
      facts.hosts += 1
      facts.host = value()
    case 14 where isNamed("content-length"): try takeLength(value(), &facts)
    case 17 where isNamed("transfer-encoding"):
      guard facts.coding == nil else { throw .malformed("Transfer-Encoding is there twice") }
      facts.coding = value().lowercased()
    case 6 where isNamed("expect"): facts.expectation = value().lowercased()
    case 10 where isNamed("connection"):
      let words = value().lowercased().split { $0 == "," || $0 == " " }
      if words.contains("close") { facts.closes = true }
    case 7 where isNamed("upgrade"): facts.upgrades = true
    default: break
    }
  }

  private static func takeLength(_ value: String, _ facts: inout Facts) throws(HTTPViolation) {
    guard facts.length == nil else { throw .malformed("Content-Length is there twice") }
    guard (1...18).contains(value.utf8.count),
      value.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let length = Int64(value)
    else { throw .malformed("Content-Length is no number") }
    facts.length = length
  }

  private static func conclude(
    _ head: inout RequestHead, _ facts: Facts, _ limits: HTTPLimits
  ) throws(HTTPViolation) {
    guard facts.hosts == 1 else {
      throw .malformed(facts.hosts == 0 ? "Host is missing" : "Host is there twice")
    }
    if let authority = facts.targetAuthority, authority.lowercased() != facts.host.lowercased() {
      throw .malformed("the target and Host name different servers")
    }
    if let coding = facts.coding {
      guard facts.length == nil else {
        throw .malformed("Content-Length and Transfer-Encoding exclude each other")
      }
      guard !head.isHTTP10 else { throw .malformed("HTTP/1.0 has no Transfer-Encoding") }
      guard coding == "chunked" else { throw .malformed("the only Transfer-Encoding is chunked") }
      head.body = .chunked
    } else if let length = facts.length, length > 0 {
      guard length <= limits.body else { throw .bodyTooLarge }
      head.body = .length(length)
    }
    if let expectation = facts.expectation {
      guard expectation == "100-continue" else { throw .unknownExpectation }
      head.expectsContinue = head.body != .none && !head.isHTTP10
    }
    // NIO's decoder reads nothing more after an upgrade, and there is none here.
    head.keepsAlive = !facts.closes && !head.isHTTP10 && !facts.upgrades
  }

  /// A field of a trailer.
  static func field(_ line: [UInt8]) throws(HTTPViolation) -> Field {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0,
      line[..<colon].allSatisfy(isToken), line[colon...].allSatisfy(isValue)
    else { throw .malformed("what stands behind the body is no field") }
    return Field(
      name: String(decoding: line[..<colon], as: UTF8.self).lowercased(),
      value: String(decoding: line[(colon + 1)...], as: UTF8.self))
  }

  private static func trimmed(_ value: ByteBufferView) -> String {
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    let rest = value.drop(while: isBlank)
    let end = rest.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? rest.startIndex
    return String(decoding: rest[rest.startIndex..<end], as: UTF8.self)
  }

  static func isHexadecimal(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte & 0xdf)
  }

  /// A character of a field's value; NUL, CR and LF are none.
  static func isValue(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7f || byte == 0x09 }

  /// Tells whether the byte may be in a token (RFC 9110, 5.6.2).
  static func isToken(_ byte: UInt8) -> Bool { tokens[Int(byte)] }

  private static let tokens: [Bool] = {
    var tokens = [Bool](repeating: false, count: 256)
    for byte in "!#$%&'*+-.^_`|~0123456789".utf8 { tokens[Int(byte)] = true }
    for byte in UInt8(ascii: "a")...UInt8(ascii: "z") {
      tokens[Int(byte)] = true
      tokens[Int(byte & 0xdf)] = true
    }
    return tokens
  }()
}
