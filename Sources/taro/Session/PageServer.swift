internal import CommandLineKit
internal import Glibc
internal import Linux
internal import Spawn

/// A server of this process's own: opens a socket on this host, and becomes the server's program, which finds it as if a
/// service manager had opened it. So the address is known at once, and Ctrl-C reaches the server itself.
struct PageServer {
  private static let program = "taros"
  /// The first descriptor that a service manager hands over.
  private static let firstDescriptor: Int32 = 3

  private let path: String
  private let socket: Int32
  private let port: UInt16

  /// - Parameter port: 0 for a free one.
  /// - Throws: where there is no such program, before anybody is told an address.
  init(port: UInt16) throws {
    guard let path = Self.places.first(where: { unsafe access($0, X_OK) == 0 }) else {
      throw Failure(
        "there is no \(Self.program) beside this program, nor in PATH; make install puts it there")
    }
    self.path = path
    let endpoint = InternetEndpoint(.loopback4, port: port)
    let descriptor = try ListeningSockets.tcp(endpoint)
    guard case .internet(let bound) = ListeningSockets.name(of: descriptor.fd) else {
      throw Failure("the socket at \(endpoint) has no name", code: EX_OSERR)
    }
    self.port = bound.port
    socket = descriptor.release()
  }

  var address: String { "http://127.0.0.1:\(port)/" }

  /// - Parameter arguments: more of them, for the server.
  /// - Throws: where it cannot be executed; otherwise it does not return.
  func become(_ arguments: [String]) throws -> Never {
    guard dup2(socket, Self.firstDescriptor) >= 0 else {
      throw SystemCallError("dup2", "\(socket)")
    }
    // The same descriptor would keep its flag.
    if socket == Self.firstDescriptor { _ = fcntl(socket, F_SETFD, 0) }
    unsafe setenv("LISTEN_FDS", "1", 1)
    unsafe setenv("LISTEN_PID", "\(getpid())", 1)
    // It takes no part of what serves others here: no address, no certificate.
    let words = ["-C", "/dev/null", "--set", "log.level=warn"] + arguments
    Self.execute(path, words)
    throw SystemCallError("execve", path)
  }

  /// The places where the program may be: beside this one first, which belongs to it.
  private static var places: [String] {
    let beside = Host.programPath.flatMap { path in
      path.lastIndex(of: "/").map { "\(path[..<$0])/\(program)" }
    }
    let path = Environment.value("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
    return (beside.map { [$0] } ?? [])
      + path.split(separator: ":").map { "\($0)/\(program)" }
  }

  /// Returns where it cannot be executed.
  private static func execute(_ path: String, _ words: [String]) {
    var list: [UnsafeMutablePointer<CChar>?] = unsafe ([path] + words).map { unsafe strdup($0) }
    unsafe list.append(nil)
    unsafe execv(path, list)
    unsafe list.forEach { unsafe free($0) }
  }

  /// Shows an address where there is a desktop, and waits for nobody.
  static func openBrowser(_ address: String) {
    let hasDesktop = ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER"].contains {
      Environment.value($0) != nil
    }
    guard hasDesktop, let null = try? Descriptor.open("/dev/null", O_RDWR) else { return }
    var launch = Launch(
      ["xdg-open", address].map { Array($0.utf8) }, stdout: null.fd, stderr: null.fd,
      defaultSignals: [SIGPIPE, SIGXFSZ])
    launch.stdin = null.fd
    launch.closesOthers = true
    _ = try? launch.start()
  }
}
