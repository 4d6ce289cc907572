internal import Events
internal import Glibc
package import Ledger
internal import Linux
internal import Spawn

/// A plugin that is started beside no run: to be told of one that never was, or to tell what there is.
package enum PluginTrial {
  /// Starts it to tell the changes of a ledger, and returns its exit code; 128+N when signal N killed it, as when it did
  /// not end in time. Its stdout and stderr are this process's.
  /// - Parameter timeout: for its end, microseconds.
  package static func tell(
    _ plugin: Plugin, path: String, ledger: LedgerDirectory, timeout: Int64
  ) throws -> Int32 {
    try run(plugin, path: path, Plugin.variables(ledger), input: "", timeout: timeout)
  }

  static func run(
    _ plugin: Plugin, path: String, _ variables: [[UInt8]], input text: String, timeout: Int64
  ) throws -> Int32 {
    let input = try Descriptor.pipe()
    var launch = Launch([Array(path.utf8)])
    launch.stdin = input.read.fd
    launch.variables =
      variables
      + [Array("\(EnvironmentVariable.pluginConfiguration.name)=\(plugin.settings.text)".utf8)]
    var child = try launch.start()
    // A plugin that does not read ends the writing at its deadline, when its end of the pipe is closed.
    let watchdog = try Watchdog(child.pid, after: timeout)
    try? RawIO.writeAll(input.write.fd, text)
    Self.close(input)
    let end = child.waitUntilEnd()
    watchdog.stop()
    return end.exitCode
  }

  private static func close(_ pipe: consuming Descriptor.Pipe) {}
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
