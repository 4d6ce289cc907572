package import Documents
internal import Events

/// The columns of `stats`.
package enum StatisticsTable {
  package typealias Column = TableColumn<StatisticsDocument>

  package static func columns(isUTF8: Bool) -> [Column] {
    [
      Column("JOB ID", maximumWidth: 30, tone: { _ in .jobID }) { $0.job },
      Column("ENDED", maximumWidth: 12) { "\($0.count)" },
      Column("FIRST INSTANCE", maximumWidth: 25) { TimeFormat.local($0.firstAt) },
      Column("LAST INSTANCE", maximumWidth: 25) { TimeFormat.local($0.lastAt) },
      Column("FASTEST", maximumWidth: 14) { time($0.fastest) },
      Column("AVERAGE", maximumWidth: 14) { time($0.average) },
      Column("MEDIAN", maximumWidth: 14) { time($0.median) },
      Column("P95", maximumWidth: 14) { time($0.percentile95) },
      Column("SLOWEST", maximumWidth: 14) { time($0.slowest) },
      Column("LAST", maximumWidth: 14) { time($0.last) },
      Column(
        "LAST STATE", maximumWidth: 24,
        tone: { .state(InstanceTable.tone($0.lastState)) }, value: { $0.lastState.rawValue }),
      Column(
        "FAILED", maximumWidth: 18, tone: { $0.failed > 0 ? .state(.failure) : .plain },
        value: failed),
      Column(
        "STREAK", maximumWidth: 20,
        tone: { $0.streak?.group == .failure ? .state(.failure) : .plain }, value: streak),
      Column("OUTPUT", maximumWidth: 14) { TimeFormat.bytes($0.outputBytes) },
      Column(
        "LAST RUNS", maximumWidth: StatisticsDocument.maximumLastRuns + 2,
        tone: { .characters($0.lastRuns.map { InstanceTable.tone($0.state) }) },
        value: { Sparkline.text($0.lastRuns.map(\.run), isUTF8: isUTF8) }),
    ]
  }

  private static func time(_ microseconds: Int64?) -> String {
    microseconds.map { DurationText.short($0) } ?? TimeFormat.notAvailable
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
