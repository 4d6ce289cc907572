import Glibc
import Linux
import TestSupport
import Testing

/// A session whose leader has a pseudo-terminal for stdin, stdout and stderr.
final class TerminalSession {
  private let terminal: PseudoTerminal
  private let process: TaroProcess
  private var shown = ""

  init(_ taro: TaroProgram, _ leader: [String]) throws {
    terminal = try PseudoTerminal()
    let slave = try Descriptor.open(terminal.path, O_RDWR | O_NOCTTY)
    let fd = slave.fd
    process = try taro.startShell("exec setsid -c -w \"$@\"", leader) {
      $0.stdin = .descriptor(fd)
      $0.stdout = .descriptor(fd)
      $0.stderr = .descriptor(fd)
      $0.environment["PS1"] = "prompt "
    }
  }

  /// As when somebody pulls at the window's corner.
  func resize(rows: UInt16, columns: UInt16) {
    Terminal.setSize(terminal.master.fd, Terminal.Size(rows: rows, columns: columns))
  }

  /// The process group that has the terminal.
  var foreground: Int32 { tcgetpgrp(terminal.master.fd) }

  /// What is typed is shown.
  var echoes: Bool {
    var modes = termios()
    return tcgetattr(terminal.master.fd, &modes) == 0 && modes.c_lflag & tcflag_t(ECHO) != 0
  }

  func type(_ keys: String) throws { try RawIO.writeAll(terminal.master.fd, keys) }

  /// Waits until the terminal shows this, and forgets what came before.
  func expect(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    _ = try expectText(until: text, sourceLocation: sourceLocation)
  }

  /// The same; returns what was shown before it.
  func expectText(
    until text: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      if let range = shown.firstRange(of: text) {
        defer { shown.removeSubrange(..<range.upperBound) }
        return String(shown[..<range.lowerBound])
      }
      guard Poll.wait(terminal.master.fd, for: .readable, milliseconds: 60_000),
        case .bytes(let count) = bytes.withUnsafeMutableBytes({
          RawIO.read(terminal.master.fd, into: $0)
        })
      else {
        Issue.record("not shown: \(text)\nbut: \(shown)", sourceLocation: sourceLocation)
        throw SystemCallError("read", "terminal", Errno(ETIMEDOUT))
      }
      shown += String(decoding: bytes[..<count], as: UTF8.self)
    }
  }

  /// The leader has ended.
  func finish(sourceLocation: SourceLocation = #_sourceLocation) throws {
    try process.finish().expect(code: 0, sourceLocation: sourceLocation)
  }
}

enum ProcessState {
  /// All of its threads are: its parent is told when the last one is.
  static func isStopped(_ pid: Int32) -> Bool {
    let threads = Files.names(in: "/proc/\(pid)/task").compactMap { Int32($0) }
    return !threads.isEmpty && threads.allSatisfy { letter($0) == "T" }
  }

  /// Its parent may not have asked for how it ended.
  static func hasEnded(_ pid: Int32) -> Bool { ["Z", "X", nil].contains(letter(pid)) }

  /// proc(5), the state behind the name in parentheses; nil where there is no such process.
  private static func letter(_ pid: Int32) -> Character? {
    let stat = String(decoding: RawIO.contents(of: "/proc/\(pid)/stat") ?? [], as: UTF8.self)
    return stat.split(separator: ")").last?.dropFirst().first
  }
}
