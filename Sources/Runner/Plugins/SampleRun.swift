internal import Documents
internal import Events
internal import Glibc
package import Ledger
internal import Linux
internal import Projections
internal import Spawn

/// A run that never was, for trying a plugin.
package enum SampleRun {
  /// Starts the plugin, tells it of a run that fails, and returns its exit code; 128+N when signal N killed it, as when
  /// it did not end in time. Its stdout and stderr are this process's.
  /// - Parameter timeout: for its end, microseconds.
  package static func notify(
    _ plugin: Plugin, path: String, ledger: LedgerDirectory, timeout: Int64
  ) throws -> Int32 {
    let instance = InstanceID(createdAt: .now)
    let input = try Descriptor.pipe()
    var launch = Launch([Array(path.utf8)])
    launch.stdin = input.read.fd
    launch.variables =
      Plugin.variables(job: job, instance, ledger)
      + [Array("\(EnvironmentVariable.pluginConfiguration.name)=\(plugin.settings.text)".utf8)]
    var child = try launch.start()
    // A plugin that does not read ends the writing at its deadline, when its end of the pipe is closed.
    let watchdog = try Watchdog(child.pid, after: timeout)
    let text = documents(of: instance)
    try? RawIO.writeAll(input.write.fd, text)
    Self.close(input)
    let end = child.waitUntilEnd()
    watchdog.stop()
    return end.exitCode
  }

  private static let job = "taro-sample"

  private static func close(_ pipe: consuming Descriptor.Pipe) {}

  private static func documents(of instance: InstanceID) -> String {
    var created = Created()
    created.command = ["./sample.sh"]
    created.cwd = Host.currentDirectory()
    created.host = Host.name()
    created.uid = Int64(getuid())
    created.user = Users.name(of: getuid())
    created.version = "sample"
    var totals = OutputTotals()
    totals.stderrBytes = 20
    totals.lines = 1
    var ending = Ending()
    ending.exitCode = 3
    ending.output = totals
    ending.status = "this is only a sample"
    let events: [(EventKind, JSON)] = [
      (.state(.created), created.json),
      (.state(.running), Running(pid: 0, started: 0, pgid: 0).json),
      (.output, totals.json),
      (.warning, Warning(kind: .time, text: "1h", count: 1).json),
      (.state(.failed), ending.json),
    ]
    return events.map { kind, data in
      let event = NewEvent(
        at: .now, mono: .now, job: job,
        instance: instance, kind: kind, data: data)
      return EventDocument(unrecorded: event).json.text + "\n"
    }.joined()
  }
}

/// Ends a process group after a time, unless it is stopped before.
private final class Watchdog {
  private let stopped: Monitor<Bool>
  private var thread: WorkerThread?

  init(_ group: Int32, after timeout: Int64) throws(SystemCallError) {
    let stopped = Monitor(false)
    let deadline = MonotonicTime.now + timeout
    self.stopped = stopped
    thread = .some(
      try WorkerThread {
        guard stopped.wait(until: deadline, { $0 ? true : nil }) == nil else { return }
        kill(-group, SIGTERM)
        guard stopped.wait(until: deadline + 1_000_000, { $0 ? true : nil }) == nil else { return }
        kill(-group, SIGKILL)
      })
  }

  func stop() {
    stopped.change { $0 = true }
    thread.take()?.join()
  }
}
