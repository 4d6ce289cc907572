internal import Events
internal import Linux
internal import Settings

/// The log of a run: what happens to it, as lines in the original's format, for people and programs that watch a log.
///
/// The run itself feeds it, whether or not there is a ledger. Whoever has a line leaves it in a queue; a disk or a
/// server that a line waits for is waited for by a thread of the log's own, which a run gets once its job has been started
/// (``start()``): before that its place may be the job's, where few processes are allowed. Until then, and where none is to
/// be had, the line is written at once by who has it. What cannot be logged is said once.
///
/// Sendable because everything that changes is behind `state`, whose lock nobody holds while a line is written: whoever
/// takes the outlets out has them alone, and writes what others have left meanwhile, in the order of the states.
final class RunLog: Sendable {
  private struct State {
    var previous: InstanceState?
    /// The lines that are still to be written.
    var lines: [LogLine] = []
    /// The outlets; nil where there are none, and while somebody writes.
    var outlets: LogOutlets?
    var hasThread = false
    var isOver = false
  }

  private let instance: String
  private let settings: LogSettings
  private let reporter: StderrReporter
  private let hasOutlets: Bool
  private let state: Monitor<State>

  init(_ settings: LogSettings, _ job: String, _ instance: InstanceID, _ reporter: StderrReporter) {
    self.instance = "\(LogLine.value(job))@\(instance)"
    self.settings = settings
    self.reporter = reporter
    let outlets = LogOutlets(settings, reporter)
    hasOutlets = outlets != nil
    state = Monitor(State(outlets: outlets))
  }

  /// From now on nobody who has a line waits for it to be written.
  func start() {
    guard hasOutlets else { return }
    state.change { $0.hasThread = true }
    // Nobody joins it: `finish` waits for its work.
    do throws(SystemCallError) { _ = try WorkerThread { [self] in work() } } catch {
      state.change { $0.hasThread = false }
    }
  }

  /// Waits until all lines are written.
  func finish() {
    guard hasOutlets else { return }
    state.change { $0.isOver = true }
    state.wait { $0.hasThread ? nil : () }
    writeQueued()
  }

  private func work() {
    while state.wait({ $0.lines.isEmpty ? $0.isOver ? false : nil : true }) { writeQueued() }
    state.change { $0.hasThread = false }
  }

  /// The run has entered a state; told once, however often it is said.
  /// - Parameter ending: for a terminal state.
  func entered(_ new: InstanceState, _ ending: Ending? = nil) {
    guard settings.isOn else { return }
    let now = WallTime.now
    write { state in
      guard state.previous != new else { return [] }
      let isBad = new.group == .failure || new.group == .notExecuted
      let change = LogLine(
        at: now, level: isBad ? .warning : .info,
        message: "event=[job_state_changed] instance=[\(instance)] "
          + "prev_state=[\(state.previous?.rawValue ?? "NONE")] new_state=[\(new.rawValue)]")
      state.previous = new
      guard let (level, event, reason) = Self.trouble(new, ending) else { return [change] }
      let trouble = LogLine(
        at: now, level: level,
        message: "event=[\(event)] instance=[\(instance)] reason=[\(LogLine.value(reason))]")
      return [trouble, change]
    }
  }

  /// The original's line, and whose warning it is.
  func warned(_ warning: Warning) {
    guard settings.isOn else { return }
    let line = LogLine(
      at: .now, level: .warning,
      message: "event=[new_warning] warning=[\(Self.described(warning))] instance=[\(instance)]")
    write { _ in [line] }
  }

  /// Logs what becomes of a plugin.
  func plugin(_ event: String, _ name: String, _ detail: String) {
    guard settings.isOn else { return }
    let line = LogLine(
      at: .now, level: .warning,
      message: "event=[\(event)] plugin=[\(LogLine.value(name))] instance=[\(instance)] "
        + "detail=[\(LogLine.value(detail))]")
    write { _ in [line] }
  }

  private func write(_ makeLines: (inout State) -> [LogLine]) {
    let (lines, hasThread) = state.change { state in
      let lines = makeLines(&state)
      if hasOutlets { state.lines += lines }
      return (lines, state.hasThread)
    }
    // Like all that taro says on stderr: before what the job prints next, and hardly waited for.
    for line in lines { show(line) }
    if !hasThread { writeQueued() }
  }

  /// Writes what is still to be written, unless somebody is just doing so: then that one does.
  private func writeQueued() {
    while let (outlets, lines) = takeQueued() {
      for line in lines { outlets.write(line) }
      state.change { $0.outlets = outlets }
    }
  }

  private func takeQueued() -> (LogOutlets, [LogLine])? {
    state.change { state in
      guard !state.lines.isEmpty, let outlets = state.outlets else { return nil }
      defer { (state.lines, state.outlets) = ([], nil) }
      return (outlets, state.lines)
    }
  }

  private func show(_ line: LogLine) {
    guard let level = settings.consoleLevel, line.level >= level else { return }
    reporter.write(line: String(line.text.dropLast()))
  }

  private static func described(_ warning: Warning) -> String {
    let text = quotable(warning.text)
    let seconds = (try? DurationText.microseconds(warning.text)).map { Double($0) / 1_000_000 }
    return switch warning.kind {
    case .time: "Warn(name='exec_time>\(seconds ?? 0)s', params={'exceeded_sec': \(seconds ?? 0)})"
    case .silence: "Warn(name='silence>\(seconds ?? 0)s', params={'count': \(warning.count)})"
    case .output:
      "Warn(name='output=~\(text)', params={'matches': '\(quotable(warning.last ?? ""))'})"
    }
  }

  /// For a text between single quotes.
  private static func quotable(_ text: String) -> String {
    LogLine.value(text).split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "\\'")
  }

  /// Returns what the original says of a failure before it tells the state.
  private static func trouble(
    _ state: InstanceState, _ ending: Ending?
  ) -> (LogLevel, event: String, reason: String)? {
    switch state {
    case .failed:
      let code = ending?.exitCode.map { "Process returned non-zero code \($0)" }
      return (.warning, "job_not_completed", ending?.reason ?? code ?? "unknown")
    case .startFailed: return (.warning, "job_not_completed", ending?.reason ?? "unknown")
    case .error: return (.error, "job_error", ending?.reason ?? "unknown")
    default: return nil
    }
  }
}
