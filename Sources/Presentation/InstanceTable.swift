package import Documents
package import Events

/// The columns of `ps` and `hist`, and how a state is coloured.
package enum InstanceTable {
  package typealias Column = TableColumn<InstanceDocument>

  /// - Parameter drawsBars: progress as a bar, not as a number alone.
  package static func live(showsParams: Bool, drawsBars: Bool, now: WallTime) -> [Column] {
    var columns = identity(showsParams)
    columns += [
      Column("CREATED", maximumWidth: 25) { TimeFormat.local($0.createdAt) },
      Column("TIME", maximumWidth: 18) { TimeFormat.elapsed($0.elapsed(now: now)) },
      liveState, warnings,
      Column("STATUS", maximumWidth: 50) { instance in
        instance.waiting.map { WaitText($0).short }
          ?? ProgressText.status(instance.status, instance.progress, drawsBar: drawsBars)
      },
    ]
    return columns
  }

  package static func ended(showsParams: Bool) -> [Column] {
    var columns = identity(showsParams)
    columns += [
      Column("CREATED", maximumWidth: 25) { TimeFormat.local($0.createdAt) },
      Column("ENDED", maximumWidth: 25) { TimeFormat.local($0.endedAt) },
      Column("TIME", maximumWidth: 18) { TimeFormat.elapsed($0.run) },
      state, warnings,
      Column("RESULT", maximumWidth: 50, value: result),
    ]
    return columns
  }

  /// The columns that `stop` shows before it asks.
  package static var stoppable: [Column] {
    identity(false) + [
      Column("CREATED", maximumWidth: 25) { TimeFormat.local($0.createdAt) }, liveState,
    ]
  }

  private static func identity(_ showsParams: Bool) -> [Column] {
    var columns = [
      Column("JOB ID", maximumWidth: 30, tone: { _ in .jobID }) { $0.job },
      Column("INSTANCE ID", maximumWidth: 23, tone: { _ in .instanceID }) { $0.instance.text },
    ]
    guard showsParams else { return columns }
    columns.append(
      Column("PARAMETERS", maximumWidth: 23) { instance in
        instance.params.map { "\($0.key)=\($0.value.string ?? $0.value.text)" }
          .joined(separator: ", ")
      })
    return columns
  }

  /// The state, where only those lost instances are shown whose command still runs.
  private static let liveState = Column(
    "STATE", maximumWidth: 28, tone: { .state(tone($0.state)) },
    value: {
      guard $0.state == .lost else { return $0.state.rawValue + paused($0) }
      return $0.state.rawValue
        + ($0.pausedBy == nil ? " (still running)" : " (still there, paused)")
    })

  private static let state = Column(
    "STATE", maximumWidth: 24, tone: { .state(tone($0.state)) },
    value: { $0.state.rawValue + paused($0) })

  /// At somebody's wish, or by a signal that says why: SIGTTIN is sent to who wants to read a terminal and may not.
  package static func paused(_ instance: InstanceDocument) -> String {
    guard let signal = instance.pausedBy else { return "" }
    return signal == "STOP" ? " (paused)" : " (stopped: \(PrintableText.escaped(signal)))"
  }

  private static let warnings = Column(
    "WARNINGS", maximumWidth: 40, tone: { _ in .warning },
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
    guard instance.state != .completed else { return nil }
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
