package import Events
package import Linux

/// The processes of an instance, looked for from wherever one is: in a container that shares the ledger with its host, say.
extension Created {
  /// - Parameters:
  ///   - pid: as the instance's events tell it.
  ///   - started: with the pid it names the process.
  package func sight(ofPid pid: Int64, started: Int64) -> PidNamespace.Sight {
    let boot = Host.bootID()
    // Without /proc nothing is seen.
    guard !boot.isEmpty else { return .unseen }
    guard boot == bootID else { return .gone }
    return PidNamespace.sight(
      of: Processes.Identity(pid: Int32(truncatingIfNeeded: pid), startTime: started),
      in: pidNamespace)
  }

  package func sight(of running: Running) -> PidNamespace.Sight {
    sight(ofPid: running.pid, started: running.started)
  }

  /// True when the host has been booted since, as far as it is known which boot either was.
  package var isOfFormerBoot: Bool {
    let boot = Host.bootID()
    return boot != bootID && !boot.isEmpty
  }
}
