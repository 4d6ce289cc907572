internal import Documents
internal import Events
internal import Glibc
internal import Ledger
internal import Linux
internal import Projections
internal import Settings
internal import Spawn

/// Runs the plugins of one instance, on a thread of its own with a poll loop of its own: nothing that a plugin does or
/// leaves undone is ever waited for by the job. At the end of the run they have a time to take in what there is.
///
/// Sendable because everything but `shared` and `wake` is the thread's alone.
final class PluginHost: PluginListener {
  private struct Shared {
    var lines: [[UInt8]] = []
    var dropped = 0
    var isOver = false
    /// Nobody waits any longer.
    var killsNow = false
  }

  /// Lines that the thread has not fetched yet; it never waits for a plugin, so there are seldom any.
  private static let queueLimit = 10_000
  private static let killDelay: Int64 = 1_000_000

  private let shared = Monitor(Shared())
  private let wake: EventCounter
  /// Readable once all plugins have ended.
  let ended: EventCounter
  private let timeout: Int64
  private let log: RunLog

  init(timeout: Int64, _ log: RunLog) throws(SystemCallError) {
    wake = try EventCounter()
    ended = try EventCounter()
    self.timeout = timeout
    self.log = log
  }

  /// Starts the plugins. They are told what `notify` has been called with before, too.
  func start(_ plugins: [Plugin], variables: [[UInt8]]) throws(SystemCallError) -> WorkerThread {
    try WorkerThread { [self] in run(plugins, variables) }
  }

  /// Tells an event that stands in the ledger. Any thread; never waits.
  func notify(_ event: Event) { notify(EventDocument(event)) }

  /// Tells an event that could not be recorded.
  func notify(unrecorded event: NewEvent) { notify(EventDocument(unrecorded: event)) }

  private func notify(_ document: EventDocument) {
    let line = Array((document.json.text + "\n").utf8)
    shared.change { shared in
      guard shared.lines.count < Self.queueLimit else {
        shared.dropped += 1
        return
      }
      shared.lines.append(line)
    }
    wake.signal()
  }

  /// Nothing more will be told. Join the thread afterwards: that takes as long as the plugins do, but not longer than
  /// they may.
  func finish() {
    shared.change { $0.isOver = true }
    wake.signal()
  }

  /// Kills the plugins that have not ended.
  func killNow() {
    shared.change { $0.killsNow = true }
    wake.signal()
  }

  // MARK: The thread

  private func run(_ plugins: [Plugin], _ variables: [[UInt8]]) {
    let processes = plugins.compactMap { start($0, variables) }
    var endgame: Endgame?
    var poll = Poll()
    while endgame == nil || processes.contains(where: { !$0.hasEnded }) {
      poll.removeAll()
      poll.add(wake.fd)
      for process in processes { process.addInterest(to: &poll) }
      poll.wait(milliseconds: endgame?.patience ?? -1)
      wake.clear()
      let isOver = fetch(processes)
      for process in processes { process.work() }
      if isOver, endgame == nil { endgame = Endgame(timeout: timeout) }
      if shared.change({ $0.killsNow }) { end(processes, SIGKILL) }
      if let step = endgame?.nextStep() { end(processes, step) }
      if endgame?.isHopeless ?? false { break }
    }
    for process in processes { process.report() }
    ended.signal()
  }

  private func start(_ plugin: Plugin, _ variables: [[UInt8]]) -> PluginProcess? {
    guard let path = plugin.path else {
      log.plugin(
        "plugin_not_found", plugin.name,
        plugin.refusal ?? "there is no executable \(Plugin.prefix)\(plugin.name)")
      return nil
    }
    let settings = Array(
      "\(EnvironmentVariable.pluginConfiguration.name)=\(plugin.settings.text)".utf8)
    do {
      return try PluginProcess(
        plugin, path: path, variables: variables + [settings], log)
    } catch {
      log.plugin("plugin_failed", plugin.name, "it cannot be started: \(error)")
      return nil
    }
  }

  /// Hands over what has been told; true when that was all.
  private func fetch(_ processes: [PluginProcess]) -> Bool {
    let (lines, dropped, isOver) = shared.change { shared in
      defer {
        shared.lines = []
        shared.dropped = 0
      }
      return (shared.lines, shared.dropped, shared.isOver)
    }
    for line in lines {
      for process in processes { process.take(line) }
    }
    if dropped > 0 { for process in processes { process.skip(dropped) } }
    if isOver { for process in processes { process.complete() } }
    return isOver
  }

  private func end(_ processes: [PluginProcess], _ signal: Int32) {
    for process in processes where !process.hasEnded {
      if signal == SIGTERM {
        log.plugin("plugin_failed", process.name, "it did not end in time, and is ended")
      }
      process.signal(signal)
    }
  }

  /// Time for the plugins to end by themselves, then SIGTERM, then SIGKILL.
  private struct Endgame {
    private var deadline: MonotonicTime
    private var steps = [SIGTERM, SIGKILL]

    init(timeout: Int64) { deadline = .now + timeout }

    /// Milliseconds.
    var patience: Int32 { deadline.millisecondsLeft }

    /// A process that SIGKILL does not end waits in the kernel, for a disk or a server that is gone. No job waits with it.
    var isHopeless: Bool { steps.isEmpty && MonotonicTime.now >= deadline }

    mutating func nextStep() -> Int32? {
      guard !steps.isEmpty, MonotonicTime.now >= deadline else { return nil }
      deadline = .now + PluginHost.killDelay
      return steps.removeFirst()
    }
  }
}
