internal import CLinux
internal import Glibc
internal import Linux

/// The children of this process that a ``Child`` waits for. The lock is held while one is started, so that whoever reaps
/// the others never takes one for a stranger.
enum OwnChildren {
  private static let pids = Monitor<[Int32]>([])

  /// Starts one: `start` returns 0 and its pid, or an error.
  static func add(_ start: (inout pid_t) -> Int32) -> (pid: Int32, error: Int32) {
    pids.change { pids in
      var pid: pid_t = 0
      let error = start(&pid)
      if error == 0 { pids.append(pid) }
      return (pid, error)
    }
  }

  static func add(_ pid: Int32) { pids.change { $0.append(pid) } }
  static func remove(_ pid: Int32) { pids.change { $0.removeAll { $0 == pid } } }

  static var all: [Int32] { pids.change { $0 } }

  /// `body` is told which they are, and none is added meanwhile.
  static func withAll<Result>(_ body: ([Int32]) -> Result) -> Result { pids.change { body($0) } }
}

/// The processes that a job leaves behind: this process is their parent as soon as their own has ended
/// (PR_SET_CHILD_SUBREAPER), as pid 1 would be, and as pid 1 it is that anyway.
package enum Orphans {
  package static func adopt() { _ = clinux_adopt_orphans() }

  /// Takes note of the ends of those that nobody waits for, so that they do not stay zombies. Never waits.
  /// - Parameter all: behind a child that has ended and is still to be waited for, too; reads a file of /proc.
  package static func reap(all: Bool) {
    OwnChildren.withAll { own in
      while true {
        let pid = clinux_ended_child()
        guard pid > 0 else { return }
        guard !own.contains(pid) else { break }
        waitpid(pid, nil, WNOHANG)
      }
      guard all else { return }
      let children = RawIO.contents(of: "/proc/self/task/\(getpid())/children") ?? []
      for word in children.split(separator: UInt8(ascii: " ")) {
        guard let pid = Int32(String(decoding: word, as: UTF8.self)), !own.contains(pid) else {
          continue
        }
        waitpid(pid, nil, WNOHANG)
      }
    }
  }
}
