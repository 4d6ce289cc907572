import Events
import Glibc
import Linux
import TestSupport
import Testing

/// A server on 127.0.0.1 that is told things, and is as helpful as it likes.
///
/// Sendable because all that changes is behind the monitor.
final class WebhookServer: Sendable {
  struct Request: Sendable {
    var method = ""
    var target = ""
    var fields: [(name: String, value: String)] = []
    var body = ""

    subscript(_ name: String) -> String? {
      fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    func json() throws -> JSON { try JSON(parsing: body) }
  }

  enum Behaviour: Sendable {
    case answer(Int, String = "", [String] = [])
    /// It reads the request, and says nothing.
    case hangs
    /// It closes the connection.
    case closes
    /// It promises more than it gives.
    case endsEarly
    /// It never comes to an end.
    case endless
    case garbage
  }

  private struct State {
    var requests: [Request] = []
    /// For the next requests; then the usual.
    var behaviours: [Behaviour] = []
    var usual = Behaviour.answer(200, "ok")
    var isOver = false
  }

  private let state = Monitor(State())
  private let listener: Descriptor
  let port: UInt16

  init() throws {
    listener = Descriptor(
      owning: socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0))
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let fd = listener.fd
    let isBound = withUnsafeMutablePointer(to: &name) { name in
      name.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
        bind(fd, name, size) == 0 && listen(fd, 64) == 0 && getsockname(fd, name, &size) == 0
      }
    }
    guard isBound else { throw SystemCallError("bind") }
    port = name.sin_port.bigEndian
    let thread = try WorkerThread { [state] in Self.serve(fd, state) }
    _ = consume thread
  }

  /// The thread has its own reference to what it needs, and ends with the listener.
  deinit {
    state.change { $0.isOver = true }
    shutdown(listener.fd, Int32(SHUT_RDWR))
  }

  var url: String { "http://127.0.0.1:\(port)" }

  var requests: [Request] { state.change { $0.requests } }

  func behave(_ behaviours: Behaviour...) { state.change { $0.behaviours = behaviours } }

  func behaveAlways(_ behaviour: Behaviour) { state.change { $0.usual = behaviour } }

  // MARK: The thread

  private static func serve(_ listener: Int32, _ state: Monitor<State>) {
    // Those who get no answer are kept until the end.
    var kept: [Int32] = []
    defer { for fd in kept { close(fd) } }
    while !state.change({ $0.isOver }) {
      let fd = accept(listener, nil, nil)
      guard fd >= 0 else { return }
      _ = fcntl(fd, F_SETFD, FD_CLOEXEC)
      guard let request = read(fd) else {
        close(fd)
        continue
      }
      let behaviour = state.change { state in
        state.requests.append(request)
        return state.behaviours.isEmpty ? state.usual : state.behaviours.removeFirst()
      }
      switch behaviour {
      case .answer(let status, let body, let fields):
        let head = fields.map { "\($0)\r\n" }.joined()
        write(
          fd, "HTTP/1.1 \(status) Said\r\nContent-Length: \(body.utf8.count)\r\n\(head)\r\n\(body)")
      case .hangs:
        kept.append(fd)
        continue
      case .closes: break
      case .endsEarly: write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nok")
      case .endless:
        write(fd, "HTTP/1.1 200 OK\r\n\r\n")
        let piece = String(repeating: "ok ", count: 10_000)
        while write(fd, piece) {}
      case .garbage: write(fd, "\u{0}SSH-2.0-what\r\n\r\n")
      }
      // A process that was just being started may have it too.
      shutdown(fd, Int32(SHUT_RDWR))
      close(fd)
    }
  }

  @discardableResult
  private static func write(_ fd: Int32, _ text: String) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        send(fd, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// Nil where the client went away.
  private static func read(_ fd: Int32) -> Request? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    func more() -> Bool {
      let count = buffer.withUnsafeMutableBytes { recv(fd, $0.baseAddress, $0.count, 0) }
      guard count > 0 else { return false }
      bytes += buffer[..<count]
      return true
    }
    let end = Array("\r\n\r\n".utf8)
    var head: Range<Int>?
    while head == nil {
      guard more() else { return nil }
      head = bytes.firstRange(of: end)
    }
    guard let head else { return nil }
    let lines = String(decoding: bytes[..<head.lowerBound], as: UTF8.self)
      .split(separator: "\r\n").map(String.init)
    let words = (lines.first ?? "").split(separator: " ")
    guard words.count == 3 else { return nil }
    var request = Request(method: String(words[0]), target: String(words[1]))
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      request.fields.append(
        (String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " })))
    }
    let length = request["content-length"].flatMap { Int($0) } ?? 0
    while bytes.count < head.upperBound + length { guard more() else { return nil } }
    request.body = String(decoding: bytes[head.upperBound...].prefix(length), as: UTF8.self)
    return request
  }
}
