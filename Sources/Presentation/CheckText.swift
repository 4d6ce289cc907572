package import Documents
internal import Events

/// Everything that is not well, as people and monitoring programs read it.
package enum CheckText {
  // MARK: Sentences

  /// `backup has failed 3 times in a row (exit code 1), since 2026-11-27 03:00:12; last good 2026-11-26 03:04:10`, without
  /// a point. What jobs have made is made printable by whoever writes it.
  package static func sentence(_ finding: CheckDocument.Finding) -> String {
    let job = finding.job ?? ""
    let times = finding.count ?? 1
    let because = finding.reason.map { " (\($0))" } ?? ""
    let since = finding.since.map { ", since \(time($0))" } ?? ""
    let good = finding.lastGood.map { "; last good \(time($0))" } ?? "; never good"
    switch finding.problem {
    case .failing:
      return times > 1
        ? "\(job) has failed \(times) times in a row\(because)\(since)\(good)"
        : "\(job) has failed\(because)\(since)\(good)"
    case .lost:
      let row = times > 1 ? ", the last of \(times) failures in a row" : ""
      return "\(job) was lost\(row)\(because)\(since)\(good)"
    case .missed:
      return times > 1
        ? "\(job) has not run \(times) times when it was due\(since)\(good)"
        : "\(job) has not run when it was due\(since)\(good)"
    case .overlong:
      let time = finding.count.map { ", for \(DurationText.short($0 * 1_000_000)) by now" } ?? ""
      return "\(job) goes on for too long\(time)\(since)"
    case .silent: return "\(job) is silent\(since)"
    case .overlapping: return "\(times) runs of \(job) go on at the same time\(since)"
    case .disabled: return "\(job) is disabled\(because)\(since)"
    case .spooled:
      return
        "\(CountText.of(times, "run")) \(times == 1 ? "waits" : "wait") to be taken in\(because)\(since)"
    case .damaged: return "the ledger is damaged\(because)"
    case .disk:
      return "the ledger's disk is nearly full, \(TimeFormat.bytes(finding.count ?? 0)) are left"
    case .untold: return "\(CountText.of(times, "change")) could not be told\(because)\(since)"
    case .unjudged where finding.job == nil:
      return "it cannot be told whether all is well\(because)"
    case .unjudged where finding.since == nil: return "\(job) cannot be judged\(because)"
    case .unjudged: return "what is expected of \(job) cannot be judged\(because)"
    }
  }

  private static func time(_ time: WallTime) -> String { CivilMoment(local: time).text }

  /// `2 of 12 jobs are not well`.
  package static func summary(_ check: CheckDocument) -> String {
    let bad = Set(check.findings.compactMap(\.job)).count
    let jobs = CountText.of(check.jobs, "job")
    guard !check.findings.isEmpty else { return "\(jobs), all well" }
    guard bad > 0 else {
      return check.status == .unknown
        ? "nothing can be said" : "\(jobs), but the ledger is not well"
    }
    return "\(bad) of \(jobs) \(bad == 1 ? "is" : "are") not well"
  }

  // MARK: Monitoring plugins

  /// A line with performance data, and a line for each finding (Monitoring Plugins Development Guidelines).
  package static func nagios(_ check: CheckDocument, name: String) -> [String] {
    let first = check.findings.first.map { ": \(plain(sentence($0)))" } ?? ""
    let figures = CheckDocument.Problem.allCases.map { problem in
      "\(problem.rawValue)=\(check.count(problem));;;0"
    }
    let title = "\(name) \(check.status.rawValue.uppercased()) - \(summary(check))\(first)"
    let performance = (["jobs=\(check.jobs);;;0"] + figures).joined(separator: " ")
    return ["\(title) | \(performance)"]
      + check.findings.map { "\($0.status.rawValue.uppercased()): \(plain(sentence($0)))" }
  }

  /// A bar would begin performance data.
  private static func plain(_ text: String) -> String { text.replacing("|", with: "/") }

  // MARK: Prometheus

  /// Text 0.0.4, for node_exporter's textfile collector.
  package static func prometheus(_ check: CheckDocument) -> String {
    var text = ""
    for family in CheckMetrics(check).families {
      text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) gauge\n"
      for sample in family.samples {
        let labels = sample.labels.map { "\($0.name)=\"\(escaped($0.value))\"" }
        let value =
          switch sample.value {
          case .number(let number): "\(number)"
          case .time(let time): seconds(time)
          }
        text += family.name
        if !labels.isEmpty { text += "{\(labels.joined(separator: ","))}" }
        text += " \(value)\n"
      }
    }
    return text
  }

  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  private static func seconds(_ time: WallTime) -> String {
    let milliseconds = time.microseconds / 1000
    let fraction = String(1000 + abs(milliseconds) % 1000).dropFirst()
    return "\(milliseconds / 1000).\(fraction)"
  }
}
