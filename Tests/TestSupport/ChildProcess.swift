package import Glibc
internal import Linux

/// A process that a test has started and talks with over its stdin and stdout. Killed when its owner ends.
///
/// Every wait for it has an end: one that says nothing for a minute fails the test.
package final class ChildProcess {
  package enum End: Equatable, Sendable {
    case exited(Int32)
    case killed(Int32)
  }

  package struct Silent: Error, CustomStringConvertible {
    package let description: String
  }

  package let pid: pid_t
  private let name: String
  private var input: Descriptor?
  private let output: Descriptor
  private var unread: [UInt8] = []
  private var end: End?

  /// - Parameter program: a path, or a name that is looked up in PATH.
  package init(_ program: String, _ arguments: [String]) throws {
    let input = try Descriptor.pipe()
    let output = try Descriptor.pipe()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input.read.fd, 0)
    posix_spawn_file_actions_adddup2(&actions, output.write.fd, 1)
    var argv: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
    defer { for argument in argv { free(argument) } }
    argv.append(nil)
    var pid: pid_t = 0
    let result = posix_spawnp(&pid, program, &actions, nil, argv, environ)
    guard result == 0 else { throw SystemCallError("posix_spawn", program, Errno(result)) }
    self.pid = pid
    name = ([program] + arguments).joined(separator: " ")
    self.input = Self.writeEnd(of: input)
    self.output = Self.readEnd(of: output)
  }

  private static func writeEnd(of pipe: consuming Descriptor.Pipe) -> Descriptor { pipe.write }
  private static func readEnd(of pipe: consuming Descriptor.Pipe) -> Descriptor { pipe.read }

  deinit {
    guard end == nil else { return }
    Glibc.kill(pid, SIGKILL)
    var status: Int32 = 0
    waitpid(pid, &status, 0)
  }

  package func send(_ line: String) throws {
    guard let fd = input?.fd else { return }
    try RawIO.writeAll(fd, line + "\n")
  }

  /// The child reads end of file.
  package func closeInput() { input = nil }

  package func signal(_ number: Int32) { Glibc.kill(pid, number) }

  /// The next line of its stdout, nil at the end.
  package func readLine() throws -> String? {
    while true {
      if let end = unread.firstIndex(of: 0x0a) {
        defer { unread.removeSubrange(...end) }
        return String(decoding: unread[..<end], as: UTF8.self)
      }
      guard try readMore() else { return nil }
    }
  }

  /// All of its stdout that was not read yet.
  package func readAll() throws -> String {
    while try readMore() {}
    defer { unread = [] }
    return String(decoding: unread, as: UTF8.self)
  }

  private func readMore() throws -> Bool {
    guard Poll.wait(output.fd, for: .readable, milliseconds: 60_000) else {
      throw Silent(description: "\(name) (pid \(pid)) has said nothing for a minute")
    }
    var buffer = [UInt8](repeating: 0, count: 65536)
    let transfer = buffer.withUnsafeMutableBytes { RawIO.read(output.fd, into: $0) }
    guard case .bytes(let count) = transfer else { return false }
    unread.append(contentsOf: buffer[..<count])
    return true
  }

  /// Waits until the process has closed its stdout and ended; what it had still to say is kept for `readAll`.
  package func wait() throws -> End {
    if let end { return end }
    while try readMore() {}
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 {
      guard errno == EINTR else { throw SystemCallError("waitpid", name) }
    }
    // wait(2): the low seven bits are the signal.
    let signal = status & 0x7f
    let end: End = signal == 0 ? .exited(status >> 8 & 0xff) : .killed(signal)
    self.end = end
    return end
  }

  package func kill() throws -> End {
    signal(SIGKILL)
    return try wait()
  }
}

/// The programs under test: those that were built together with the tests, or, where `TARO_TEST_PROGRAMS` names a
/// directory, the ones in there. What only helps the tests is always of the first kind.
package enum BuiltProgram {
  /// The programs that are shipped: static ones, before which no library can be loaded.
  package static let areShipped = Environment.value("TARO_TEST_PROGRAMS") != nil

  package static func path(_ name: String) throws -> String {
    guard let directory = Environment.value("TARO_TEST_PROGRAMS"), name.hasPrefix("taro") else {
      return try besideTests(name)
    }
    return "\(directory)/\(name)"
  }

  private static func besideTests(_ name: String) throws -> String {
    guard let this = Files.link("/proc/self/exe") else {
      throw SystemCallError("readlink", "/proc/self/exe")
    }
    let folder = this.split(separator: "/").dropLast().joined(separator: "/")
    return "/\(folder)/\(name)"
  }
}
