package import Events
internal import Glibc
package import Linux
package import Testing

/// An answer as it came over the wire.
package struct HTTPAnswer: Sendable, CustomStringConvertible {
  package var status = 0
  /// Names in lower case, in the order in which they came.
  package var fields: [(name: String, value: String)] = []
  package var body: [UInt8] = []
  /// Nothing more comes on the connection.
  package var hasClosed = false

  package var text: String { String(decoding: body, as: UTF8.self) }

  /// The value of a field, nil where it is not there.
  package subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

  package func json() throws -> JSON { try JSON(parsing: text) }

  package var description: String {
    let head = fields.map { "\($0.name): \($0.value)\n" }.joined()
    return "\(status)\n\(head)\n\(text.prefix(2000))"
  }

  /// Fails the test with the whole answer unless it has this status.
  @discardableResult
  package func expect(
    _ status: Int, sourceLocation: SourceLocation = #_sourceLocation
  ) -> HTTPAnswer {
    if self.status != status {
      Issue.record("expected \(status)\n\(self)", sourceLocation: sourceLocation)
    }
    return self
  }

  /// A problem document of this status that names these words, and nothing but that.
  @discardableResult
  package func expectProblem(
    _ status: Int, about words: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) -> HTTPAnswer {
    expect(status, sourceLocation: sourceLocation)
    let json = try? json()
    let isProblem =
      self["content-type"] == "application/problem+json"
      && json?["status"]?.integer == Int64(status)
      && json?["type"]?.string?.hasPrefix("/problems/") == true && json?["title"]?.string != nil
    let detail = json?["detail"]?.string ?? ""
    if !isProblem || !words.allSatisfy(detail.contains) {
      Issue.record(
        "expected a problem document with \(words)\n\(self)", sourceLocation: sourceLocation)
    }
    return self
  }
}

/// One connection to a server: bytes are sent as they are, answers are read strictly. Every wait has an end.
package final class HTTPClient {
  package enum Place: Sendable {
    /// On 127.0.0.1.
    case port(UInt16)
    case address(InternetEndpoint)
    case unix(String)
  }

  package struct Broken: Error, CustomStringConvertible {
    package let description: String
    package init(description: String) { self.description = description }
  }

  private let descriptor: Descriptor
  private var unread: [UInt8] = []
  private let deadline: MonotonicTime

  /// - Parameter seconds: until which all that is waited for has come.
  package init(_ place: Place, seconds: Int64 = 60) throws {
    let fd: Int32 =
      switch place {
      case .port(let port): try Sockets.connect(InternetEndpoint(.loopback4, port: port))
      case .address(let endpoint): try Sockets.connect(endpoint)
      case .unix(let path): try Sockets.connect(unix: path)
      }
    descriptor = Descriptor(owning: fd)
    RawIO.setNonBlocking(fd)
    deadline = .now + seconds * 1_000_000
  }

  package var fd: Int32 { descriptor.fd }

  /// Sends bytes as they are, as far as the server takes them: one that has closed takes no more.
  package func send(_ text: String) throws { try send(Array(text.utf8)) }

  package func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor.fd, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        rest = rest.dropFirst(count)
        continue
      }
      guard errno == EAGAIN else { return }
      guard Poll.wait(descriptor.fd, for: .writable, milliseconds: try left()) else {
        throw Broken(description: "the server takes nothing")
      }
    }
  }

  /// Says that nothing more comes.
  package func finishSending() { shutdown(descriptor.fd, Int32(SHUT_WR)) }

  /// One request and its answer.
  package func ask(
    _ method: String, _ target: String, _ fields: [String: String] = [:], body: String? = nil
  ) throws -> HTTPAnswer {
    var all = ["Host": "localhost"]
    if let body { all["Content-Length"] = "\(body.utf8.count)" }
    all.merge(fields) { $1 }
    let head = all.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\r\n" }.joined()
    try send("\(method) \(target) HTTP/1.1\r\n\(head)\r\n\(body ?? "")")
    return try readAnswer(hasBody: method != "HEAD")
  }

  /// The next answer.
  package func readAnswer(hasBody: Bool = true) throws -> HTTPAnswer {
    var answer = try readHead()
    while (100..<200).contains(answer.status) { answer = try readHead() }
    guard hasBody, answer.status != 204, answer.status != 304 else { return answer }
    if let length = answer["content-length"] {
      let count = try #require(Int(length), "\(answer)")
      answer.body = try read(exactly: count)
    } else if answer["transfer-encoding"] == "chunked" {
      while case let chunk = try readChunk(), !chunk.isEmpty { answer.body += chunk }
    } else {
      while try readMore() {}
      answer.body = unread
      unread = []
      answer.hasClosed = true
    }
    return answer
  }

  /// A head alone, for a body that is read piece by piece.
  package func readHead() throws -> HTTPAnswer {
    var answer = HTTPAnswer()
    let status = try readLine().split(separator: " ")
    guard status.count >= 2, status[0].hasPrefix("HTTP/1."), let code = Int(status[1]) else {
      throw Broken(description: "no status line: \(status)")
    }
    answer.status = code
    while case let line = try readLine(), !line.isEmpty {
      guard let colon = line.firstIndex(of: ":") else {
        throw Broken(description: "no field: \(line)")
      }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      answer.fields.append((line[..<colon].lowercased(), String(value)))
    }
    return answer
  }

  /// The next chunk of a body; empty at its end.
  package func readChunk() throws -> [UInt8] {
    let line = try readLine()
    guard let size = Int(line.prefix { $0 != ";" }, radix: 16) else {
      throw Broken(description: "no size of a chunk: \(line)")
    }
    let bytes = try read(exactly: size)
    guard try readLine().isEmpty else { throw Broken(description: "a chunk has no end") }
    return bytes
  }

  /// Waits until the server has closed the connection; returns what came before that.
  @discardableResult
  package func readUntilClosed() throws -> [UInt8] {
    while try readMore() {}
    defer { unread = [] }
    return unread
  }

  /// Whether the server has closed the connection already.
  package var isClosed: Bool {
    guard Poll.wait(descriptor.fd, for: .readable, milliseconds: 0) else { return false }
    return (try? readMore()) != true
  }

  private func readLine() throws -> String {
    while true {
      if let end = unread.firstIndex(of: 10) {
        defer { unread.removeSubrange(...end) }
        guard end > 0, unread[end - 1] == 13 else {
          throw Broken(description: "a line without CR: \(String(decoding: unread, as: UTF8.self))")
        }
        return String(decoding: unread[..<(end - 1)], as: UTF8.self)
      }
      guard try readMore() else {
        throw Broken(
          description:
            "closed within a line: \(String(decoding: unread.prefix(500), as: UTF8.self))")
      }
    }
  }

  private func read(exactly count: Int) throws -> [UInt8] {
    while unread.count < count {
      guard try readMore() else {
        throw Broken(description: "closed after \(unread.count) of \(count) bytes")
      }
    }
    defer { unread.removeSubrange(..<count) }
    return Array(unread[..<count])
  }

  private func readMore() throws -> Bool {
    guard Poll.wait(descriptor.fd, for: .readable, milliseconds: try left()) else {
      throw Broken(description: "the server says nothing")
    }
    var buffer = [UInt8](repeating: 0, count: 65536)
    switch buffer.withUnsafeMutableBytes({ RawIO.read(descriptor.fd, into: $0) }) {
    case .bytes(let count):
      unread += buffer[..<count]
      return true
    case .wouldBlock: return true
    case .end: return false
    // A connection that is reset is closed too.
    case .failed: return false
    }
  }

  private func left() throws -> Int32 {
    let left = deadline - MonotonicTime.now
    guard left > 0 else { throw Broken(description: "the time is over") }
    return Int32(clamping: left / 1000 + 1)
  }
}

/// Sockets of the client's side.
package enum Sockets {
  package static func connect(_ endpoint: InternetEndpoint) throws -> Int32 {
    let isV4 = endpoint.address.family == .v4
    let fd = socket(
      isV4 ? AF_INET : AF_INET6, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard fd >= 0 else { throw SystemCallError("socket") }
    var result: Int32
    if isV4 {
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_port = endpoint.port.bigEndian
      withUnsafeMutableBytes(of: &name.sin_addr) { $0.copyBytes(from: endpoint.address.bytes) }
      result = connect(fd, &name)
    } else {
      var name = sockaddr_in6()
      name.sin6_family = sa_family_t(AF_INET6)
      name.sin6_port = endpoint.port.bigEndian
      withUnsafeMutableBytes(of: &name.sin6_addr) { $0.copyBytes(from: endpoint.address.bytes) }
      result = connect(fd, &name)
    }
    guard result == 0 else {
      let error = SystemCallError("connect", "\(endpoint)")
      close(fd)
      throw error
    }
    return fd
  }

  package static func connect(unix path: String) throws -> Int32 {
    let fd = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard fd >= 0 else { throw SystemCallError("socket") }
    var name = unixName(path)
    guard connect(fd, &name) == 0 else {
      let error = SystemCallError("connect", path)
      close(fd)
      throw error
    }
    return fd
  }

  /// A datagram socket of that name.
  package static func receiver(at path: String) throws -> Int32 {
    let fd = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var name = unixName(path)
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let result = withUnsafeBytes(of: &name) { bytes in
      bytes.assumingMemoryBound(to: sockaddr.self).baseAddress.map { bind(fd, $0, size) } ?? -1
    }
    guard fd >= 0, result == 0 else { throw SystemCallError("bind", path) }
    return fd
  }

  private static func unixName(_ path: String) -> sockaddr_un {
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &name.sun_path) {
      $0.copyBytes(from: path.utf8.prefix($0.count - 1))
    }
    return name
  }

  private static func connect<Name>(_ fd: Int32, _ name: inout Name) -> Int32 {
    let size = socklen_t(MemoryLayout<Name>.size)
    return withUnsafeBytes(of: &name) { bytes in
      bytes.assumingMemoryBound(to: sockaddr.self).baseAddress.map { Glibc.connect(fd, $0, size) }
        ?? -1
    }
  }
}
