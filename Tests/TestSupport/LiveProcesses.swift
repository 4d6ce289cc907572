internal import Glibc
internal import Linux

/// Processes of this machine, as a test's end finds them.
enum LiveProcesses {
  /// Waits until no process has `path` in its arguments, its environment or its working directory.
  /// - Returns: The command lines of those that still live when the time is over.
  static func outliving(_ path: String, seconds: Int64) -> [String] {
    var alive: [String] = []
    _ = try? eventually("none lives", seconds: seconds) {
      alive = naming(path)
      return alive.isEmpty
    }
    return alive
  }

  /// Without this one and without those that have ended and are only not yet reaped.
  private static func naming(_ path: String) -> [String] {
    Files.names(in: "/proc").compactMap(Int32.init).filter { $0 != getpid() }.compactMap { pid in
      let arguments = RawIO.contents(of: "/proc/\(pid)/cmdline") ?? []
      let environment = RawIO.contents(of: "/proc/\(pid)/environ") ?? []
      let directory = Files.link("/proc/\(pid)/cwd") ?? ""
      guard (arguments + environment + directory.utf8).firstRange(of: path.utf8) != nil else {
        return nil
      }
      return "\(pid) \(String(decoding: arguments.map { $0 == 0 ? 0x20 : $0 }, as: UTF8.self))"
    }
  }
}
