internal import CLinux
internal import Glibc

/// The processes of this host at one moment, and who has started whom: a look at /proc that costs a file a process.
package struct ProcessTree: Sendable {
  package struct Process: Sendable {
    package let identity: Processes.Identity
    package let parent: Int32
    /// It runs no more, and has only not been waited for.
    package let isZombie: Bool
  }

  private var processes: [Int32: Process] = [:]

  package init() {
    for pid in Processes.pids {
      guard let process = Self.process(pid) else { continue }
      processes[pid] = process
    }
  }

  /// - Parameter processes: for a test.
  init(_ processes: [Process]) {
    for process in processes { self.processes[process.identity.pid] = process }
  }

  /// Those that live and that one of `roots`, themselves included, has started, however indirectly.
  /// - Parameter others: not looked into, nor what they have started.
  package func living(below roots: [Int32], without others: Set<Int32>) -> [Processes.Identity] {
    var children: [Int32: [Int32]] = [:]
    for process in processes.values {
      children[process.parent, default: []].append(process.identity.pid)
    }
    var found: [Processes.Identity] = []
    var seen = others
    var waiting = roots
    while let pid = waiting.popLast() {
      guard seen.insert(pid).inserted else { continue }
      waiting += children[pid] ?? []
      if let process = processes[pid], !process.isZombie { found.append(process.identity) }
    }
    return found
  }

  /// The children of a process, zombies too.
  package func children(of pid: Int32) -> [Int32] {
    processes.values.filter { $0.parent == pid }.map(\.identity.pid)
  }

  /// Those that live, were started since, and have this variable, `NAME=value`, in the environment they were executed
  /// with. Reads a file of each, and sees those of its own user, or everybody's as root.
  package func living(
    with variable: String, without name: String, startedSince: Int64
  ) -> [Processes.Identity] {
    let own = getpid()
    return processes.values.filter { process in
      !process.isZombie && process.identity.startTime >= startedSince
        && process.identity.pid != own
        && Processes.hasVariable(process.identity.pid, variable, without: name) == true
    }.map(\.identity)
  }

  /// proc(5), stat: nil when it has gone.
  private static func process(_ pid: Int32) -> Process? {
    guard let bytes = RawIO.contents(of: "/proc/\(pid)/stat"),
      let close = bytes.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    let fields = bytes[(close + 1)...].split(separator: UInt8(ascii: " "))
    guard fields.count > 19, let state = fields[0].first,
      let parent = Int32(String(decoding: fields[1], as: UTF8.self)),
      let startTime = Int64(String(decoding: fields[19], as: UTF8.self))
    else { return nil }
    return Process(
      identity: Processes.Identity(pid: pid, startTime: startTime), parent: parent,
      isZombie: state == UInt8(ascii: "Z") || state == UInt8(ascii: "X"))
  }
}

extension Processes {
  /// Sends a signal to that process and no other, though its pid may be somebody else's by now.
  /// - Returns: why it has not got it; nil also when it has ended.
  @discardableResult
  package static func signal(_ process: Identity, _ signal: Int32) -> Errno? {
    let fd = clinux_pidfd_open(process.pid)
    guard fd >= 0 else {
      // Before Linux 5.3: the look and the signal are apart.
      guard errno == ENOSYS, Host.startTime(of: process.pid) == process.startTime else {
        return nil
      }
      return result(kill(process.pid, signal))
    }
    let descriptor = Descriptor(owning: fd)
    // The descriptor holds on to one process: if its start time is right now, it was right then.
    guard Host.startTime(of: process.pid) == process.startTime else { return nil }
    return result(clinux_pidfd_signal(descriptor.fd, signal))
  }

  private static func result(_ result: Int32) -> Errno? {
    guard result != 0, errno != ESRCH else { return nil }
    return .current
  }

  /// Tells whether a process was executed with `variable` in its environment and without one of that name; nil where
  /// that cannot be known, or not yet: execve(2) closes descriptors, and lets go of locks, a moment before the new
  /// environment can be seen, and until then there is none.
  static func hasVariable(_ pid: Int32, _ variable: String, without name: String) -> Bool? {
    guard let environment = RawIO.contents(of: "/proc/\(pid)/environ", limit: 1 << 24),
      !environment.isEmpty
    else { return nil }
    let (wanted, unwanted) = (Array(variable.utf8), Array("\(name)=".utf8))
    let variables = environment.split(separator: 0)
    return variables.contains { $0.elementsEqual(wanted) }
      && !variables.contains { $0.starts(with: unwanted) }
  }
}
