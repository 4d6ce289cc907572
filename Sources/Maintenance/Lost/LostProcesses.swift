package import Events
internal import Glibc
package import Linux

/// The processes of an instance whose runner has vanished.
extension LostInstances {
  /// The number of searches, 5 ms apart: some may just be starting others.
  private static let looks = 40

  /// Ends every process of the instance, wherever it has gone: those below its command, and those that have its name in their
  /// environment.
  /// - Parameter leader: its command, under its pid here; 0 where that is not there.
  /// - Returns: nil when there is none; else why the last of them could not be ended, if that is so.
  package static func killAll(of instance: InstanceID, _ leader: Processes.Identity) -> Errno?? {
    var result: Errno?? = .none
    for look in 1...looks {
      let found = processes(of: instance, leader)
      guard !found.isEmpty else { return result }
      var refusal: Errno?
      for process in found { refusal = Processes.signal(process, SIGKILL) ?? refusal }
      result = .some(refusal)
      guard refusal == nil, look < looks else { break }
      _ = Poll.wait(-1, for: .readable, milliseconds: 5)
    }
    return result
  }

  private static func processes(
    of instance: InstanceID, _ leader: Processes.Identity
  ) -> [Processes.Identity] {
    let tree = ProcessTree()
    let isThere = Host.startTime(of: leader.pid) == leader.startTime
    let below = isThere ? tree.living(below: [leader.pid], without: [getpid()]) : []
    let known = Set(below.map(\.pid))
    return below
      + tree.living(
        with: "\(EnvironmentVariable.instance.name)=\(instance)",
        without: EnvironmentVariable.pluginConfiguration.name,
        startedSince: leader.startTime
      ).filter { !known.contains($0.pid) }
  }
}
