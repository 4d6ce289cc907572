internal import Documents
internal import Events
internal import Glibc
package import Ledger
internal import Linux
internal import Projections

/// A run that never was, for trying a plugin.
package enum SampleRun {
  /// Starts the plugin, tells it of a run that fails, and returns its exit code; 128+N when signal N killed it, as when
  /// it did not end in time. Its stdout and stderr are this process's.
  /// - Parameter timeout: for its end, microseconds.
  package static func notify(
    _ plugin: Plugin, path: String, ledger: LedgerDirectory, timeout: Int64
  ) throws -> Int32 {
    try start(plugin, path: path, ledger: ledger, timeout: timeout, documents(of:))
  }

  /// Starts the plugin and tells it of nothing, of a ledger that is not there: it looks at its settings then, and ends. What
  /// it has to tell of the real one stays untold. Returns as ``notify``.
  package static func check(
    _ plugin: Plugin, path: String, timeout: Int64
  ) throws -> Int32 {
    let nowhere = LedgerDirectory("/nonexistent/taro")
    return try start(plugin, path: path, ledger: nowhere, timeout: timeout) { _ in "" }
  }

  private static func start(
    _ plugin: Plugin, path: String, ledger: LedgerDirectory, timeout: Int64,
    _ documents: (InstanceID) -> String
  ) throws -> Int32 {
    let instance = InstanceID(createdAt: .now)
    return try PluginTrial.run(
      plugin, path: path, Plugin.variables(job: job, instance, ledger),
      input: documents(instance), timeout: timeout)
  }

  private static let job = "taro-sample"

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
