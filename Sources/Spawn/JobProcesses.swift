internal import Glibc
package import Linux

/// The processes of a job, wherever they have gone: into other process groups and sessions, or to another parent. This
/// process is the one that orphans come to (``Orphans``), so what it has below itself is the job's, but for children of
/// its own; and what has come elsewhere is known by its environment.
package struct JobProcesses: Sendable {
  private let job: Int32
  private let variable: String
  private let otherVariable: String
  private let startedSince: Int64?

  /// - Parameters:
  ///   - job: the process that was started.
  ///   - variable: `NAME=value`, which is in the environment of the job and of what it starts.
  ///   - name: of a variable that is not in it.
  package init(_ job: borrowing Child, with variable: String, without name: String) {
    self.job = job.pid
    self.variable = variable
    otherVariable = name
    startedSince = job.startTime
  }

  /// Those that live.
  package func living() -> [Processes.Identity] {
    let tree = ProcessTree()
    let own = Set(OwnChildren.all).subtracting([job])
    let found = tree.living(below: [job] + tree.children(of: getpid()), without: own)
    guard let startedSince else { return found }
    let known = Set(found.map(\.pid)).union(own)
    return found
      + tree.living(with: variable, without: otherVariable, startedSince: startedSince)
      .filter { !known.contains($0.pid) }
  }

  /// Sends SIGKILL to all of them.
  /// - Returns: how many there were. What they start meanwhile is left to the next call.
  package func kill() -> Int {
    let found = living()
    for process in found { Processes.signal(process, SIGKILL) }
    return found.count
  }
}
