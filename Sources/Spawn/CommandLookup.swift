internal import Glibc
internal import Linux

/// Lists the places where a command may be, as execvp(3) sees it.
enum CommandLookup {
  /// The paths to try, in order: the command itself when it has a slash, else one per element of PATH.
  /// An empty element is the current directory; without PATH it is "/bin:/usr/bin".
  /// - Parameter path: the PATH that the command will have; nil: this process's.
  static func candidates(for command: [UInt8], path: [UInt8]?) -> [[UInt8]] {
    guard !command.isEmpty else { return [] }
    let slash = UInt8(ascii: "/")
    guard !command.contains(slash) else { return [command] }
    return (path ?? searchPath()).split(
      separator: UInt8(ascii: ":"), omittingEmptySubsequences: false
    )
    .map { directory in
      // "./" and not nothing: a shell takes a script named "-x" for an option.
      (directory.isEmpty ? [UInt8(ascii: ".")] : Array(directory)) + [slash] + command
    }
  }

  /// False when there is certainly no such file. Cheaper than asking the kernel to execute it.
  static func mayExist(_ path: [UInt8]) -> Bool {
    unsafe withCString(path) {
      unsafe access($0, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR)
    }
  }

  static func exists(_ path: [UInt8]) -> Bool {
    unsafe withCString(path) { unsafe access($0, F_OK) } == 0
  }

  /// Returns why a directory cannot be entered; nil when it can.
  static func refusal(ofDirectory path: [UInt8]) -> Errno? {
    unsafe withCString(path + Array("/.".utf8)) { unsafe access($0, X_OK) == 0 ? nil : .current }
  }

  static func isDirectory(_ path: [UInt8]) -> Bool {
    var info = stat()
    return unsafe withCString(path) { unsafe stat($0, &info) } == 0
      && info.st_mode & S_IFMT == S_IFDIR
  }

  static func withCString<Result>(
    _ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Result
  ) -> Result {
    unsafe (path + [0]).withUnsafeBufferPointer { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
        // Never nil: the buffer holds one byte at least.
        guard let start = characters.baseAddress else { return unsafe body("") }
        return unsafe body(start)
      }
    }
  }

  private static func searchPath() -> [UInt8] {
    guard let value = unsafe getenv("PATH") else { return Array("/bin:/usr/bin".utf8) }
    return unsafe Array(UnsafeRawBufferPointer(start: value, count: strlen(value)))
  }
}
