package import Events
internal import Glibc
package import Ledger
internal import Linux

/// Closes instances whose runner has vanished.
package enum LostInstances {
  /// Appends `lost` to the instance if its runner is gone and it has no terminal event. However many look at the same
  /// moment, one appends: nothing may follow a terminal event, and the queue decides who is first. Durable.
  /// - Parameter queueMilliseconds: how long each turn waits; nil: as long as the writer's do.
  /// - Returns: true when this call closed it.
  @discardableResult
  package static func close(
    _ instance: InstanceID, with writer: LedgerWriter, queueMilliseconds: Int? = nil
  ) throws(LedgerError) -> Bool {
    guard case .gone = RunFiles.life(of: instance, in: writer.directory) else { return false }
    // It may have ended well, and only not been able to say so here.
    let intake = try SpoolIntake.run(
      writer, only: instance, queueMilliseconds: queueMilliseconds)
    guard intake.busy == 0 else { return false }
    // Read after the lock was seen free: the runner has written its last.
    guard let last = try writer.reader.lastEvent(of: instance), !last.kind.isTerminal else {
      RunFiles.remove(instance, in: writer.directory)
      return false
    }
    // Somebody has removed the file of an instance that goes on.
    guard try !isRunning(instance, writer) else { return false }
    let events = try closing(instance, last, writer.reader)
    do throws(LedgerError) {
      try writer.turn(
        durable: true, queueMilliseconds: queueMilliseconds
      ) { turn throws(LedgerError) in
        for event in events { try turn.append(event, .next) }
      }
    } catch {
      guard case .ended = error else { throw error }
      RunFiles.remove(instance, in: writer.directory)
      return false
    }
    RunFiles.remove(instance, in: writer.directory)
    return true
  }

  /// True when there is no file to tell, but the runner's process is still there, or may be where it is not seen. It is
  /// rung past the name, so that it makes its file anew.
  private static func isRunning(
    _ instance: InstanceID, _ writer: LedgerWriter
  ) throws(LedgerError) -> Bool {
    guard access(writer.directory.runFile(instance), F_OK) != 0,
      let runner = try RunFiles.Runner(of: instance, writer.reader)
    else { return false }
    switch runner.sight {
    case .gone: return false
    case .unseen: return true
    case .seen(let pid):
      RunFiles.ringNameless(instance, of: pid)
      return true
    }
  }

  /// `lost`; and before it `running`, where the runner was killed between the start of its job and saying so.
  private static func closing(
    _ instance: InstanceID, _ last: Event, _ reader: LedgerReader
  ) throws(LedgerError) -> [NewEvent] {
    var (created, running): (Created?, Running?)
    try reader.forEachEvent(of: instance) { event in
      switch event.kind.state {
      case .created: created = Created(event.json)
      case .running: running = Running(event.json)
      default: break
      }
    }
    let rebooted = created?.isOfFormerBoot ?? false
    let unsaid = running == nil && !rebooted ? findJob(of: instance, created) : nil
    var sight = PidNamespace.Sight.gone
    if let created, let child = running ?? unsaid, !rebooted {
      sight = created.sight(of: child)
      if created.diesWithTaro {
        // Its command was killed by the kernel, or will be now; what that has started was not.
        _ = killAll(of: instance, Processes.Identity(pid: sight.pid ?? 0, startTime: child.started))
        sight = created.sight(of: child)
      }
    }
    var ending = Ending()
    ending.reason = "runner vanished"
    ending.evidence = Ending.Evidence(
      lastSignOfLife: last.at, childRunning: sight.pid != nil, childUnseen: sight == .unseen,
      rebooted: rebooted)
    let (at, mono) = (WallTime.now, BootTime.now)
    func event(_ state: InstanceState, _ data: JSON) -> NewEvent {
      NewEvent(
        at: at, mono: mono, job: last.job, instance: instance, kind: .state(state), data: data)
    }
    return (unsaid.map { [event(.running, $0.json)] } ?? []) + [event(.lost, ending.json)]
  }

  /// The job of a runner that has left no word of it, by the environment that a runner gives it.
  private static func findJob(of instance: InstanceID, _ created: Created?) -> Running? {
    guard let created, created.runnerStarted != 0,
      let leader = Processes.groupLeader(
        with: "\(EnvironmentVariable.instance.name)=\(instance)",
        without: EnvironmentVariable.pluginConfiguration.name,
        startedSince: created.runnerStarted)
    else { return nil }
    // As its runner would have called it.
    let isOwn = created.pidNamespace.map { $0 == PidNamespace.own() } ?? true
    let pid = isOwn ? leader.pid : PidNamespace.innermostPid(of: leader.pid)
    return pid.map { Running(pid: Int64($0), started: leader.startTime, pgid: Int64($0)) }
  }
}
