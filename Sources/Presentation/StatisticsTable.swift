package import Documents
package import Events

/// The columns of `stats`.
package enum StatisticsTable {
  package typealias Column = TableColumn<StatisticsDocument>

  // A narrow terminal keeps whether a job is well, how long it usually takes, and its last runs.
  package static func columns(isUTF8: Bool, now: WallTime) -> [Column] {
    [
      Column("JOB ID", maximumWidth: 30, enough: 16, tone: { _ in .jobID }) { $0.job },
      Column("ENDED", maximumWidth: 18, enough: .max, worth: 6, value: ended),
      moment("FIRST RUN", worth: 1, now: now) { $0.firstAt },
      moment("LAST RUN", worth: 5, now: now) { $0.lastAt },
      Column("FASTEST", maximumWidth: 14, enough: .max, worth: 2) { time($0.fastest) },
      Column("AVERAGE", maximumWidth: 14, enough: .max, worth: 4) { time($0.average) },
      Column("MEDIAN", maximumWidth: 14, enough: .max, worth: 10) { time($0.median) },
      Column("P95", maximumWidth: 14, enough: .max, worth: 7) { time($0.percentile95) },
      Column("SLOWEST", maximumWidth: 14, enough: .max, worth: 3) { time($0.slowest) },
      Column("LAST", maximumWidth: 14, enough: .max, worth: 8) { time($0.last) },
      Column(
        "LAST STATE", maximumWidth: 24, enough: .max,
        tone: { .state(InstanceTable.tone($0.lastState)) }, value: { $0.lastState.rawValue }),
      Column(
        "FAILED", maximumWidth: 18, enough: .max, worth: 11,
        tone: { $0.failed > 0 ? .state(.failure) : .plain },
        value: failed),
      Column(
        "STREAK", maximumWidth: 20, enough: .max, worth: 12,
        tone: { $0.streak?.group == .failure ? .state(.failure) : .plain }, value: streak),
      Column("OUTPUT", maximumWidth: 14, enough: .max, worth: 2) {
        TimeFormat.bytes($0.outputBytes)
      },
      Column(
        "LAST RUNS", maximumWidth: StatisticsDocument.maximumLastRuns + 2, enough: .max, worth: 9,
        tone: { .characters($0.lastRuns.map { InstanceTable.tone($0.state) }) },
        value: { Sparkline.text($0.lastRuns.map(\.run), isUTF8: isUTF8) }),
    ]
  }

  private static func moment(
    _ title: String, worth: Int, now: WallTime,
    _ time: @escaping @Sendable (StatisticsDocument) -> WallTime?
  ) -> Column {
    let forms = TimeFormat.forms(now: now, time)
    return Column(
      title, maximumWidth: 25, enough: .max, worth: worth, shorter: forms.shorter,
      value: forms.value)
  }

  private static func time(_ microseconds: Int64?) -> String {
    microseconds.map { DurationText.short($0) } ?? TimeFormat.notAvailable
  }

  /// `12`, or `12 + 1 dry`.
  private static func ended(_ statistics: StatisticsDocument) -> String {
    statistics.dryRuns == 0
      ? "\(statistics.count)" : "\(statistics.count) + \(statistics.dryRuns) dry"
  }

  /// `3 (12%)`, of those that were executed; cut, so that 100% are all of them.
  private static func failed(_ statistics: StatisticsDocument) -> String {
    guard statistics.failed > 0, let rate = statistics.failureRate else { return "0" }
    return "\(statistics.failed) (\(Int(rate * 100))%)"
  }

  private static func streak(_ statistics: StatisticsDocument) -> String {
    guard let streak = statistics.streak else { return "" }
    let word =
      switch streak.group {
      case .failure: "failed"
      case .completed: "completed"
      default: "stopped"
      }
    return "\(streak.count) \(word)"
  }
}
