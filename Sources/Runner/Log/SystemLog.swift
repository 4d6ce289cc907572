internal import Events
internal import Glibc
internal import Linux
internal import Settings

/// The host's syslog: datagrams of RFC 3164 to a socket that nothing waits for.
final class SystemLog {
  private let path: String
  /// Its tag.
  private let program: String
  private var socket: DatagramSocket?

  init(_ program: String, path: String = "/dev/log") {
    self.program = program
    self.path = path
  }

  /// Writes a line. Returns what went wrong, if something did.
  func write(_ line: LogLine) -> String? {
    do throws(SystemCallError) {
      var transfer = try send(line)
      if case .failed = transfer {
        // Once more: syslog was started anew since the last line.
        socket = nil
        transfer = try send(line)
      }
      switch transfer {
      case .bytes, .end: return nil
      case .wouldBlock: return "syslog takes no more lines"
      case .failed(let errno): return "syslog cannot be reached: \(errno.message)"
      }
    } catch {
      return "syslog (\(path)) cannot be reached: \(error.errno.message)"
    }
  }

  private func send(_ line: LogLine) throws(SystemCallError) -> Transfer {
    if socket == nil { socket = try DatagramSocket(to: path) }
    var text = packet(line)
    return text.withUTF8 { bytes in
      socket?.send(UnsafeRawBufferPointer(bytes)) ?? .wouldBlock
    }
  }

  /// `<14>Nov 22 23:26:25 taro[4711]: MESSAGE`; facility "user", and no host name on the local socket.
  private func packet(_ line: LogLine) -> String {
    let severity =
      switch line.level {
      case .debug: LOG_DEBUG
      case .info: LOG_INFO
      case .warning: LOG_WARNING
      case .error: LOG_ERR
      case .critical: LOG_CRIT
      }
    // LOG_USER, a macro with a cast.
    let priority = 1 << 3 | severity
    let time = CivilMoment(local: line.at).syslog
    return "<\(priority)>\(time) \(program)[\(getpid())]: \(line.message)"
  }
}
