internal import Glibc
internal import Linux

/// Closes runs whose runner has vanished.
package enum LostRuns {
  /// Appends `lost` to the instance if its runner is gone and it has no terminal event. However many look at the same
  /// moment, one appends: nothing may follow a terminal event, and the queue decides who is first. Durable.
  /// - Returns: true when this call closed it.
  @discardableResult
  package static func close(
    _ instance: InstanceID, with writer: LedgerWriter
  ) throws(LedgerError) -> Bool {
    guard case .gone = RunFiles.life(of: instance, in: writer.directory) else { return false }
    // Read after the lock was seen free: the runner has written its last.
    guard let last = try writer.reader.lastEvent(of: instance), !last.kind.isTerminal else {
      RunFiles.remove(instance, in: writer.directory)
      return false
    }
    // Somebody has removed the file of a run that goes on.
    guard try !isRunning(instance, writer) else { return false }
    let event = NewEvent(
      at: Clock.wallMicroseconds(), mono: Clock.bootMicroseconds(), job: last.job,
      instance: instance, kind: .state(.lost),
      data: try ending(of: instance, lastSignOfLife: last.at, writer.reader).json)
    do throws(LedgerError) {
      _ = try writer.turn(durable: true) { turn throws(LedgerError) in
        try turn.append(event, .next)
      }
    } catch {
      guard case .ended = error else { throw error }
      RunFiles.remove(instance, in: writer.directory)
      return false
    }
    RunFiles.remove(instance, in: writer.directory)
    return true
  }

  /// True when there is no file to tell, but the runner's process is still there.
  private static func isRunning(
    _ instance: InstanceID, _ writer: LedgerWriter
  ) throws(LedgerError) -> Bool {
    guard access(writer.directory.runFile(instance), F_OK) != 0,
      let first = try writer.reader.events(of: instance, limit: 1).first
    else { return false }
    let created = Created(first.json)
    return created.bootID == Host.bootID() && created.runnerStarted != 0
      && Host.startTime(of: Int32(truncatingIfNeeded: created.runnerPID)) == created.runnerStarted
  }

  private static func ending(
    of instance: InstanceID, lastSignOfLife: Int64, _ reader: LedgerReader
  ) throws(LedgerError) -> Ending {
    var ending = Ending()
    ending.reason = "runner vanished"
    var rebooted = false
    var childRunning = false
    for event in try reader.events(of: instance) {
      switch event.kind.state {
      case .created: rebooted = Created(event.json).bootID != Host.bootID()
      case .running:
        let child = Running(event.json)
        childRunning = Host.startTime(of: Int32(truncatingIfNeeded: child.pid)) == child.started
      default: break
      }
    }
    ending.evidence = Ending.Evidence(
      lastSignOfLife: lastSignOfLife, childRunning: childRunning && !rebooted, rebooted: rebooted)
    return ending
  }
}
