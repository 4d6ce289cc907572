internal import CLinux
internal import Glibc

/// Facts about this host and its processes that need no name service.
package enum Host {
  package static func name() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
    return text(buffer)
  }

  /// The kernel's random id of this boot, "" where /proc is missing. Read once.
  package static func bootID() -> String { boot }

  private static let boot: String = {
    guard let bytes = RawIO.contents(of: "/proc/sys/kernel/random/boot_id") else { return "" }
    return String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
  }()

  /// Returns the time at which a process started, in clock ticks since boot (proc(5), stat field 22): with the pid it
  /// names a process for the whole life of the boot. Nil when there is none, or it is a zombie and those do not count
  /// (a child that has ended is one until it is waited for).
  package static func startTime(of pid: Int32, zombiesCount: Bool = false) -> Int64? {
    status("/proc/\(pid)/stat", zombiesCount: zombiesCount)?.startTime
  }

  /// Tells whether a process is stopped, by whatever signal; false where there is none.
  package static func isStopped(_ pid: Int32) -> Bool {
    guard let bytes = RawIO.contents(of: "/proc/\(pid)/stat"),
      let close = bytes.lastIndex(of: UInt8(ascii: ")"))
    else { return false }
    return bytes[(close + 1)...].first { $0 != UInt8(ascii: " ") } == UInt8(ascii: "T")
  }

  /// The pid in such a file, and the start time.
  static func status(
    _ path: String, zombiesCount: Bool = false
  ) -> (pid: Int32, startTime: Int64)? {
    guard let bytes = RawIO.contents(of: path) else { return nil }
    // Field 2 is the name in parentheses and may contain anything, parentheses and blanks too.
    guard let close = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = bytes[(close + 1)...].split(separator: UInt8(ascii: " "))
    guard fields.count > 19 else { return nil }
    guard zombiesCount || fields[0].first != UInt8(ascii: "Z") else { return nil }
    guard let pid = Int32(String(decoding: bytes.prefix { $0 != 32 }, as: UTF8.self)),
      let startTime = Int64(String(decoding: fields[19], as: UTF8.self))
    else { return nil }
    return (pid, startTime)
  }

  /// The name of a process, the first 15 bytes of its program's as a rule; "" when it is gone. (Its command line may
  /// hold secrets.)
  package static func processName(of pid: Int32) -> String {
    guard var bytes = RawIO.contents(of: "/proc/\(pid)/comm") else { return "" }
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The parent of a process; nil when it is gone, or where there is no /proc.
  package static func parent(of pid: Int32) -> Int32? {
    guard let bytes = RawIO.contents(of: "/proc/\(pid)/stat"),
      let close = bytes.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    let fields = bytes[(close + 1)...].split(separator: UInt8(ascii: " "), maxSplits: 2)
    return fields.dropFirst().first.flatMap { Int32(String(decoding: $0, as: UTF8.self)) }
  }

  /// The file of this program; nil where there is no /proc.
  package static var programPath: String? {
    linkTarget(Array("/proc/self/exe".utf8)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Returns what a symbolic link names; nil when there is no link of that name.
  package static func linkTarget(_ path: [UInt8]) -> [UInt8]? {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
      let count = unsafe (path + [0]).withUnsafeBufferPointer { bytes in
        unsafe bytes.withMemoryRebound(to: CChar.self) { text -> Int in
          guard let name = text.baseAddress, let start = buffer.baseAddress else { return -1 }
          return unsafe readlink(name, start, buffer.count)
        }
      }
      guard count > 0 else { return nil }
      return unsafe Array(UnsafeRawBufferPointer(buffer)[..<count])
    }
  }

  package static func currentDirectory() -> String {
    String(decoding: currentDirectoryBytes(), as: UTF8.self)
  }

  /// Empty when it has been removed.
  package static func currentDirectoryBytes() -> [UInt8] {
    guard let path = unsafe getcwd(nil, 0) else { return [] }
    defer { unsafe free(path) }
    return unsafe Array(UnsafeRawBufferPointer(start: path, count: strlen(path)))
  }

  /// The absolute path of a file without links, dots and double slashes; nil when there is no such file.
  package static func realPath(_ path: [UInt8]) -> [UInt8]? {
    let resolved = unsafe (path + [0]).withUnsafeBufferPointer { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { text in
        unsafe text.baseAddress.flatMap { unsafe realpath($0, nil) }
      }
    }
    guard let resolved = unsafe resolved else { return nil }
    defer { unsafe free(resolved) }
    return unsafe Array(UnsafeRawBufferPointer(start: resolved, count: strlen(resolved)))
  }

  private static func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// Users, read from /etc/passwd: getpwuid(3) loads NSS modules, which a static program cannot.
package enum Users {
  /// The login name of a user id; who is in no local file is named by the environment, when it is about
  /// this very process, and by number otherwise.
  package static func name(of uid: UInt32) -> String {
    if let entry = entry(of: uid) { return entry.name }
    if uid == getuid(), let name = unsafe getenv("LOGNAME") ?? getenv("USER") {
      return unsafe String(cString: name)
    }
    return String(uid)
  }

  package static func homeDirectory(of uid: UInt32) -> String? { entry(of: uid)?.home }

  /// Tells whether a group is a user's own, as distributions make one for each: the user's in /etc/passwd, nobody
  /// else's there, and without other members in /etc/group.
  static func isOnlyMember(_ uid: UInt32, ofGroup gid: UInt32) -> Bool {
    let (uid, gid) = (Array(String(uid).utf8), Array(String(gid).utf8))
    let owners = lines("/etc/passwd").filter { $0.count >= 6 && $0[3].elementsEqual(gid) }
    guard owners.count == 1, let owner = owners.first, owner[2].elementsEqual(uid),
      let group = lines("/etc/group").first(where: { $0.count >= 4 && $0[2].elementsEqual(gid) })
    else { return false }
    return group[3].split(separator: UInt8(ascii: ",")).allSatisfy { $0.elementsEqual(owner[0]) }
  }

  /// The fields of each line.
  private static func lines(_ path: String) -> [[ArraySlice<UInt8>]] {
    (RawIO.contents(of: path, limit: 16 << 20) ?? []).split(separator: UInt8(ascii: "\n")).map {
      $0.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    }
  }

  private static func entry(of uid: UInt32) -> (name: String, home: String)? {
    guard let bytes = RawIO.contents(of: "/etc/passwd", limit: 16 << 20) else { return nil }
    let wanted = Array(String(uid).utf8)
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      guard fields.count >= 6, fields[2].elementsEqual(wanted) else { continue }
      return (
        String(decoding: fields[0], as: UTF8.self), String(decoding: fields[5], as: UTF8.self)
      )
    }
    return nil
  }
}

package enum Environment {
  /// A variable's value; nil when it is not set or empty.
  package static func value(_ name: String) -> String? {
    guard let value = unsafe getenv(name), unsafe value.pointee != 0 else { return nil }
    return unsafe String(cString: value)
  }

  package static func isSet(_ name: String) -> Bool { unsafe getenv(name) != nil }

  /// Every variable as `NAME=value`, byte for byte.
  package static func all() -> [[UInt8]] {
    var variables: [[UInt8]] = []
    var next = unsafe clinux_environment()
    while let variable = unsafe next?.pointee {
      unsafe variables.append(
        Array(UnsafeRawBufferPointer(start: variable, count: strlen(variable))))
      unsafe next = next?.successor()
    }
    return variables
  }
}
