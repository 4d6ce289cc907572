internal import Events
internal import Linux
internal import Settings

/// What happens to a run, as lines in the original's format, for people and programs that watch a log.
///
/// The run itself feeds it, whether or not there is a ledger. Nothing here waits for anybody, and what cannot be
/// logged is said once.
///
/// Sendable because everything that changes is behind `state`. The lock is held while a line is written, so that
/// lines stand in the order of the states they tell; nobody else waits for it but who has a line too.
final class RunLog: Sendable {
  private struct State {
    var previous: RunState?
    var file: LogFile?
    var syslog: SystemLog?
  }

  private let instance: String
  private let settings: LogSettings
  private let notices: Notices
  private let state: Monitor<State>

  init(_ settings: LogSettings, _ job: String, _ instance: InstanceID, _ notices: Notices) {
    self.instance = "\(LogLine.value(job))@\(instance)"
    self.settings = settings
    self.notices = notices
    var state = State()
    if settings.isOn, settings.fileLevel != nil {
      state.file = LogFile(
        settings.filePath ?? LogLocation.standard(), makesDirectory: settings.filePath == nil)
    }
    if settings.isOn, settings.syslogLevel != nil { state.syslog = SystemLog() }
    self.state = Monitor(state)
  }

  /// The run has entered a state; told once, however often it is said.
  /// - Parameter ending: for a terminal state.
  func entered(_ new: RunState, _ ending: Ending? = nil) {
    guard settings.isOn else { return }
    let now = Clock.wallMicroseconds()
    state.change { state in
      guard state.previous != new else { return }
      if let (level, event, reason) = Self.trouble(new, ending) {
        write(
          LogLine(
            at: now, level: level,
            message: "event=[\(event)] instance=[\(instance)] reason=[\(LogLine.value(reason))]"),
          &state)
      }
      let isBad = new.group == .failure || new.group == .notExecuted
      let previous = state.previous?.rawValue ?? "NONE"
      write(
        LogLine(
          at: now, level: isBad ? .warning : .info,
          message: "event=[job_state_changed] instance=[\(instance)] "
            + "prev_state=[\(previous)] new_state=[\(new.rawValue)]"), &state)
      state.previous = new
    }
  }

  /// The original's line, and whose warning it is.
  func warned(_ warning: Warning) {
    guard settings.isOn else { return }
    let line = LogLine(
      at: Clock.wallMicroseconds(), level: .warning,
      message: "event=[new_warning] warning=[\(Self.described(warning))] instance=[\(instance)]")
    state.change { write(line, &$0) }
  }

  /// What becomes of a plugin.
  func plugin(_ event: String, _ name: String, _ detail: String) {
    guard settings.isOn else { return }
    let line = LogLine(
      at: Clock.wallMicroseconds(), level: .warning,
      message: "event=[\(event)] plugin=[\(LogLine.value(name))] instance=[\(instance)] "
        + "detail=[\(LogLine.value(detail))]")
    state.change { write(line, &$0) }
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

  /// What the original says of a failure before it tells the state.
  private static func trouble(
    _ state: RunState, _ ending: Ending?
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

  private func write(_ line: LogLine, _ state: inout State) {
    if let level = settings.fileLevel, line.level >= level {
      if let problem = state.file?.write(line.text) { notices.once(problem, topic: "log file") }
    }
    if let level = settings.syslogLevel, line.level >= level {
      if let problem = state.syslog?.write(line) { notices.once(problem, topic: "syslog") }
    }
    if let level = settings.consoleLevel, line.level >= level {
      notices.write(line: String(line.text.dropLast()))
    }
  }
}
