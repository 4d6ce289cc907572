internal import Glibc

/// Processes of this host, found by what they were started with.
package enum Processes {
  package struct Identity: Equatable, Sendable {
    package let pid: Int32
    /// As of ``Host/startTime(of:zombiesCount:)``.
    package let startTime: Int64

    package init(pid: Int32, startTime: Int64) {
      self.pid = pid
      self.startTime = startTime
    }
  }

  /// The number of looks, 2 ms apart, at a process that is just being executed.
  private static let looks = 25

  /// The oldest process that leads a process group and was executed with this variable, `NAME=value`, in its
  /// environment; nil when there is none that this user may look at. Reads a file of each process of the host.
  /// - Parameters:
  ///   - name: a variable that it has not.
  ///   - startedSince: none that was started before, as of ``Host/startTime(of:zombiesCount:)``.
  package static func groupLeader(
    with variable: String, without name: String, startedSince: Int64
  ) -> Identity? {
    let wanted = Array(variable.utf8)
    let unwanted = Array("\(name)=".utf8)
    var candidates = all(startedSince: startedSince).filter { getpgid($0.pid) == $0.pid }
    var found: [Identity] = []
    for look in 1...looks where !candidates.isEmpty {
      var unclear: [Identity] = []
      for candidate in candidates {
        guard let environment = RawIO.contents(of: "/proc/\(candidate.pid)/environ", limit: 1 << 24)
        else { continue }
        // execve(2) closes descriptors, and lets go of locks, a moment before the new environment can be seen: until
        // then there is none.
        if environment.isEmpty {
          unclear.append(candidate)
          continue
        }
        let variables = environment.split(separator: 0)
        if variables.contains(where: { $0.elementsEqual(wanted) }),
          !variables.contains(where: { $0.starts(with: unwanted) })
        {
          found.append(candidate)
        }
      }
      candidates = unclear
      guard !unclear.isEmpty, found.isEmpty, look < looks else { break }
      _ = Poll.wait(-1, for: .readable, milliseconds: 2)
    }
    return found.min { $0.startTime < $1.startTime }
  }

  private static func all(startedSince: Int64) -> [Identity] {
    pids.compactMap { pid in
      guard let startTime = Host.startTime(of: pid), startTime >= startedSince else { return nil }
      return Identity(pid: pid, startTime: startTime)
    }
  }

  static var pids: [Int32] {
    guard let directory = unsafe opendir("/proc") else { return [] }
    defer { unsafe closedir(directory) }
    var pids: [Int32] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
        unsafe $0.prefix { $0 != 0 } + []
      }
      if let pid = Int32(String(decoding: name, as: UTF8.self)) { pids.append(pid) }
    }
    return pids
  }
}
