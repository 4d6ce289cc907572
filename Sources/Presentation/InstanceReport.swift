package import Documents
package import Events
internal import Linux

/// One instance told to a person: what it was, how it ended, what happened when, what it used.
package struct InstanceReport {
  private let document: InstanceDocument
  private let palette: Palette
  private let standing: StandingText?
  /// The time at which the event before happened.
  private var previous: BootTime?

  package init(
    _ document: InstanceDocument, _ palette: Palette, standing: StandingText? = nil
  ) {
    self.standing = standing
    self.document = document
    self.palette = palette
  }

  /// The report: what the instance was and how it ended.
  package var text: PrintableText {
    var text = palette.paint(job: document.job, instance: document.instance.text)
    text +=
      "  \(palette.paint(document.state.rawValue, .state(InstanceTable.tone(document.state))))"
    if let cause = InstanceTable.cause(document) {
      text += " (\(cause))"
    }
    text += "\n\n"
    for (name, value) in facts {
      text += "\(name)\(String(repeating: " ", count: max(1, 11 - name.count)))"
      text += "\(value)\n"
    }
    return text
  }

  private var facts: [(String, String)] {
    var facts: [(String, String)] = []
    func add(_ name: String, _ value: String?) {
      if let value, !value.isEmpty { facts.append((name, value)) }
    }
    add("command", ShellWord.line(document.command))
    add("directory", document.cwd)
    let niceness = document.launch.nice.map { ", niceness \($0)" } ?? ""
    add("user", "\(document.user) on \(document.host), umask \(document.launch.umask)\(niceness)")
    add("started by", document.parent)
    add(
      "params", document.params.map { "\($0.key)=\($0.value.string ?? "")" }.joined(separator: ", ")
    )
    add("set", document.launch.envSet.joined(separator: ", "))
    for variable in document.env ?? [] {
      add("env", "\(variable.key)=\(variable.value.string ?? "")")
    }
    add("repeats", document.rerunOf)
    add(
      "tried",
      document.attempt.map { "try \($0)" + (document.retryOf.map { ", after \($0)" } ?? "") }
    )
    add("pid", pids)
    let usually = standing?.usually.map { ", \($0)" } ?? ""
    add("ran", document.run.map { DurationText.short($0) + usually })
    add("exit", exit)
    add("failing", standing?.row)
    add("good", standing?.good)
    add("to end", toEnd)
    add("used", usage)
    add("output", output)
    add("progress", document.progress.flatMap(ProgressText.long))
    for warning in document.warnings { add("warning", WarningText.long(warning)) }
    add("evidence", evidence)
    return facts
  }

  private var pids: String {
    guard let pid = document.pid else { return "runner \(document.runnerPID)" }
    return "\(pid), runner \(document.runnerPID)"
  }

  /// Somebody has asked it to end, and it has not.
  private var toEnd: String? {
    (InstanceTable.pendingEnd(document) ?? InstanceTable.vainEnd(document)).map {
      let failure = $0.error.map { ", which has not reached it: \($0)" } ?? ""
      return "\($0.by.user) has asked at \(TimeFormat.local($0.at)) (SIG\($0.signal))\(failure)"
    }
  }

  private var exit: String? {
    if let code = document.exitCode { return "code \(code)" }
    return document.signal.map {
      "killed by SIG\($0)\(document.hasDumpedCore ? ", core dumped" : "")"
    }
  }

  private var usage: String? {
    guard let usage = document.usage else { return nil }
    return "\(DurationText.short(usage.userMicroseconds)) user, "
      + "\(DurationText.short(usage.systemMicroseconds)) system, "
      + memory(usage)
      + "\(TimeFormat.bytes(usage.blocksIn &* 512)) read, "
      + "\(TimeFormat.bytes(usage.blocksOut &* 512)) written"
  }

  private func memory(_ usage: Ending.Usage) -> String {
    if let bytes = usage.maxRSSBytes { return "\(TimeFormat.bytes(bytes)) memory at most, " }
    return usage.maxRSSBelowBytes.map { "memory below \(TimeFormat.bytes($0)), " } ?? ""
  }

  private var output: String {
    guard let output = document.output else { return "not recorded (-b)" }
    let totals = output.totals
    var text = "\(CountText.of(totals.lines, "line")), "
    if output.isOneStream {
      text += "\(TimeFormat.bytes(totals.bytes)) on stdout and stderr, which were one stream"
    } else {
      text +=
        "\(TimeFormat.bytes(totals.stdoutBytes)) on stdout, "
        + "\(TimeFormat.bytes(totals.stderrBytes)) on stderr"
    }
    for stream in document.launch.uncaptured {
      text += "; \(stream) was closed, and is not recorded"
    }
    if totals.droppedBytes > 0 {
      text += ", \(TimeFormat.bytes(totals.droppedBytes)) of it not recorded"
    }
    if let removed = RemovedOutputText.of(output.removedAt) { text += "; \(removed)" }
    if output.isLeftOpen {
      text += "; a process it left behind kept it open, and what that wrote later is not recorded"
    }
    return text
  }

  private var evidence: String? {
    guard let evidence = document.evidence else { return nil }
    return "last sign of life \(TimeFormat.local(evidence.lastSignOfLife))"
      + (evidence.rebooted ? ", the host was booted since" : "")
      + (evidence.childRunning ? ", the command was still running when that was found" : "")
      + (evidence.childUnseen ? ", the command was not seen from where that was found" : "")
      + (document.isStillRunning
        ? document.pausedBy == nil ? "; it still runs" : "; it is still there, and paused" : "")
  }

  /// The next line of the timeline, which has every event but output, with the time since the one before.
  package mutating func line(_ event: Event) -> PrintableText {
    let between = previous.map { DurationText.signed(event.mono - $0) } ?? ""
    previous = event.mono
    return "  \(TimeFormat.local(event.at))  \(padded(between, 16))\(happening(event))\n"
  }

  private func happening(_ event: Event) -> PrintableText {
    switch event.kind {
    case .stopRequested, .interruptRequested, .pauseRequested, .resumeRequested,
      .signalRequested:
      return requested(event)
    case .state(let state) where state.group == .waiting:
      return "\(painted(state)) \(Self.cause(WaitCause(event.json)))"
    case .state(let state): return painted(state)
    case .paused:
      return Paused(event.json).signal.map { "paused by SIG\($0)" } ?? "paused"
    case .resumed: return "resumed"
    case .undelivered:
      let undelivered = Undelivered(event.json)
      return PrintableText(
        "\(undelivered.kind.name.replacing("_", with: " ")): SIG\(undelivered.request.signal) not delivered: "
          + undelivered.error)
    case .outputGap:
      let gap = OutputGap(event.json)
      return "output gap: \(TimeFormat.bytes(gap.bytes)), \(gap.reason)"
    case .warning:
      return "warning: \(WarningText.long(Warning(event.json)))"
    case .output, .status, .unknown, .released, .jobDisabled, .jobEnabled, .historyRemoved,
      .orphanRequested, .retained, .redacted, .recovered, .sealed, .identified, .jobExpected,
      .jobUnexpected, .breach, .expectationsJudged, .jobChanged, .tellingBegun, .tellingEnded,
      .changesJudged:
      return "\(event.kind.name) \(event.data)"
    }
  }

  private static func cause(_ cause: WaitCause) -> String {
    if let latch = cause.latch { return "for latch \(latch)" }
    if let until = cause.until { return "until \(TimeFormat.local(until))" }
    if !cause.after.isEmpty { return "after \(cause.after.joined(separator: ", "))" }
    return
      "for a place in \(cause.executionGroup ?? ""), limit \(cause.limit ?? 1), behind \(cause.aheadCount ?? 0)"
  }

  private func painted(_ state: InstanceState) -> PrintableText {
    palette.paint(state.rawValue, .state(InstanceTable.tone(state)))
  }

  private func requested(_ event: Event) -> PrintableText {
    let request = ControlRequest(event.json)
    let what = event.kind.name.split(separator: "_").joined(separator: " ")
    let why = request.by.reason.map { " (\($0))" } ?? ""
    let who = request.by.pid == 0 ? "" : ", pid \(request.by.pid)"
    let token = request.by.token.map { ", token \($0)" } ?? ""
    let from = request.by.address.map { " from \($0)" } ?? ""
    return
      "\(what) by \(request.by.user)\(who)\(token)\(from) via \(request.by.via.rawValue)\(why): SIG\(request.signal)"
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}
