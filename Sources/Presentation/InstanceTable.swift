package import Documents
package import Events

/// The columns of `ps` and `hist`, and how a state is coloured.
package enum InstanceTable {
  package typealias Column = TableColumn<InstanceDocument>

  // What a narrow terminal goes without, first: a time that follows from others, warnings, which show and RESULT tell
  // of too, the id, since a job's name means its newest run, and then all but job, state and result.

  /// - Parameter drawsBars: progress as a bar, not as a number alone.
  package static func live(drawsBars: Bool, now: WallTime) -> [Column] {
    identity + [
      params, time("CREATED", worth: 1, now: now) { $0.createdAt },
      elapsed { $0.elapsed(now: now) },
      liveState, warnings,
      Column("STATUS", maximumWidth: 50, enough: 20) { instance in
        instance.waiting.map { WaitText($0).short }
          ?? ProgressText.status(instance.status, instance.progress, drawsBar: drawsBars)
      },
    ]
  }

  package static func ended(now: WallTime) -> [Column] {
    identity + [
      params, time("CREATED", worth: 6, now: now) { $0.createdAt },
      time("ENDED", worth: 1, now: now) { $0.endedAt },
      elapsed(\.run), state, warnings,
      Column("RESULT", maximumWidth: 50, enough: 20, value: result),
    ]
  }

  /// The columns that `stop` shows before it asks.
  package static func stoppable(now: WallTime) -> [Column] {
    identity + [time("CREATED", worth: 1, now: now) { $0.createdAt }, liveState]
  }

  /// The keys of what is not shown unless it is asked for.
  package static func hidden(showsParams: Bool) -> Set<String> { showsParams ? [] : [params.key] }

  private static let identity = [
    Column("JOB ID", maximumWidth: 30, enough: 16, tone: { _ in .jobID }) { $0.job },
    Column(
      "INSTANCE ID", maximumWidth: 23, enough: .max, worth: 4, tone: { _ in .instanceID }
    ) { $0.instance.text },
  ]

  private static let params = Column("PARAMETERS", maximumWidth: 23, enough: 16) { instance in
    instance.params.map { "\($0.key)=\($0.value.string ?? $0.value.text)" }
      .joined(separator: ", ")
  }

  private static func time(
    _ title: String, worth: Int, now: WallTime,
    _ time: @escaping @Sendable (InstanceDocument) -> WallTime?
  ) -> Column {
    let forms = TimeFormat.forms(now: now, time)
    return Column(
      title, maximumWidth: 25, enough: .max, worth: worth, shorter: forms.shorter,
      value: forms.value)
  }

  private static func elapsed(
    _ microseconds: @escaping @Sendable (InstanceDocument) -> Int64?
  ) -> Column {
    Column(
      "TIME", maximumWidth: 18, enough: .max, worth: 5,
      shorter: [{ microseconds($0).map(DurationText.short) ?? TimeFormat.notAvailable }]
    ) { TimeFormat.elapsed(microseconds($0)) }
  }

  /// The state, where only those lost instances are shown whose command still runs.
  private static let liveState = Column(
    "STATE", maximumWidth: 28, enough: .max, tone: { .state(tone($0.state)) },
    value: {
      guard $0.state == .lost else { return $0.state.rawValue + paused($0) + ending($0) }
      return $0.state.rawValue
        + ($0.pausedBy == nil ? " (still running)" : " (still there, paused)")
    })

  private static let state = Column(
    "STATE", maximumWidth: 24, enough: .max, tone: { .state(tone($0.state)) },
    value: { $0.state.rawValue + paused($0) })

  /// The newest request to end that an instance has got and that has not ended; nil where there is none. One that could not be
  /// delivered never arrives.
  package static func pendingEnd(_ instance: InstanceDocument) -> InstanceDocument.Request? {
    requestsToEnd(instance).last { $0.error == nil }
  }

  /// The newest request to end, where that and all before it could not be delivered.
  package static func vainEnd(_ instance: InstanceDocument) -> InstanceDocument.Request? {
    pendingEnd(instance) == nil ? requestsToEnd(instance).last : nil
  }

  /// Gives those of an instance that has not ended.
  private static func requestsToEnd(
    _ instance: InstanceDocument
  ) -> [InstanceDocument.Request] {
    guard !instance.state.isTerminal else { return [] }
    return instance.requests.filter {
      $0.kind == .stopRequested || $0.kind == .interruptRequested
    }
  }

  private static func ending(_ instance: InstanceDocument) -> String {
    pendingEnd(instance) == nil ? "" : " (to end)"
  }

  /// At somebody's wish, or by a signal that says why: SIGTTIN is sent to who wants to read a terminal and may not.
  package static func paused(_ instance: InstanceDocument) -> String {
    guard let signal = instance.pausedBy else { return "" }
    return signal == "STOP" ? " (paused)" : " (stopped: \(PrintableText.escaped(signal)))"
  }

  private static let warnings = Column(
    "WARNINGS", maximumWidth: 40, enough: 16, worth: 3, tone: { _ in .warning },
    value: { instance in
      instance.warnings.map(WarningText.short).joined(separator: ", ")
    })

  /// Returns the reason where a run failed; then the last thing it printed.
  private static func result(_ instance: InstanceDocument) -> String {
    [cause(instance), instance.status].compactMap { $0 }.joined(separator: ": ")
  }

  /// Tells how an instance ended, in two or three words; nil where the state says it all.
  package static func cause(_ instance: InstanceDocument) -> String? {
    if let reason = instance.reason { return reason }
    // Another code than 0 can be no failure too (--success-codes).
    guard instance.state != .completed || instance.exitCode ?? 0 != 0 else { return nil }
    return instance.exitCode.map { "exit code \($0)" }
  }

  package static func tone(_ state: InstanceState) -> StateTone {
    switch state.group {
    case .beforeExecution, .waiting: .beforeExecution
    case .executing: .executing
    case .completed: .completed
    case .notCompleted: .notCompleted
    case .notExecuted: .notExecuted
    // INTERRUPTED is a failure in every document; its colour is the original's.
    case .failure: state == .interrupted ? .notCompleted : .failure
    }
  }

  /// The whole row of a failed run is in its colour.
  package static func rowTone(_ instance: InstanceDocument) -> StateTone? {
    let tone = tone(instance.state)
    return tone == .failure ? .failure : nil
  }
}
