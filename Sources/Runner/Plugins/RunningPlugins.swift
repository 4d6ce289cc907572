internal import Events
internal import Glibc
internal import Ledger
internal import Linux
internal import Settings

/// The plugins of one run, from its creation to their end.
final class RunningPlugins {
  let host: PluginHost
  private let plugins: [Plugin]
  private let variables: [[UInt8]]
  private let reporter: StderrReporter
  private var thread: WorkerThread?
  private var wasStarted = false

  /// Fails when the configuration names none, or there is no ledger to tell of.
  init?(
    _ job: Job, _ instance: InstanceID, _ directory: LedgerDirectory?, _ log: RunLog,
    _ reporter: StderrReporter
  ) {
    guard !job.plugins.names.isEmpty, let directory else { return nil }
    do throws(SystemCallError) {
      host = try PluginHost(timeout: job.plugins.timeout, log)
    } catch {
      reporter.report("no plugins: \(error)")
      return nil
    }
    plugins = job.plugins.names.map { Plugin($0, job.plugins) }
    variables = Plugin.variables(job: job.id, instance, directory)
    self.reporter = reporter
    for plugin in plugins where plugin.path == nil {
      reporter.report(
        plugin.refusal.map { "plugin \(plugin.name): \($0)" }
          ?? "plugin \(plugin.name) is not found; \(reporter.voice.remedy(.pluginNotFound))")
    }
  }

  /// The first call does.
  func start() {
    guard !wasStarted else { return }
    wasStarted = true
    do throws(SystemCallError) {
      thread = .some(try host.start(plugins, variables: variables))
    } catch {
      reporter.report("no plugins: \(error)")
    }
  }

  /// Waits for their ends, for as long as they have; a signal that asks this process to end ends the waiting.
  func finish() {
    host.finish()
    guard let thread = thread.take() else { return }
    // Those of the run are blocked still, and its queue is gone.
    if let signals = try? SignalQueue(RunDecisions.signals) {
      var poll = Poll()
      repeat {
        poll.removeAll()
        poll.add(signals.fd)
        poll.add(host.ended.fd)
        poll.wait(milliseconds: -1)
        while let delivery = signals.next() {
          if RunDecisions.asksForEnd(delivery) { host.killNow() }
        }
      } while !poll.isReady(host.ended.fd)
    }
    thread.join()
  }
}
