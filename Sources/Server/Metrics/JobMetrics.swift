internal import Events
internal import Projections

/// The families of metrics of jobs.
enum JobMetrics: CaseIterable {
  case runs, running, lastStart, lastSuccess, lastExitCode, duration, breaches

  /// Beside so many jobs the rest is one.
  static let mostJobs = 1000
  static let others = "\u{2026}other"

  var name: String {
    switch self {
    case .runs: "taro_job_runs"
    case .running: "taro_job_running"
    case .lastStart: "taro_job_last_start_timestamp_seconds"
    case .lastSuccess: "taro_job_last_success_timestamp_seconds"
    case .lastExitCode: "taro_job_last_exit_code"
    case .duration: "taro_job_duration_seconds"
    case .breaches: "taro_job_breaches"
    }
  }

  var kind: MetricsText.Kind {
    switch self {
    case .runs, .breaches: .counter
    case .running, .lastStart, .lastSuccess, .lastExitCode: .gauge
    case .duration: .histogram
    }
  }

  var help: String {
    switch self {
    case .runs: "Runs that have ended."
    case .running: "Live instances."
    case .lastStart: "When the newest run that was started was."
    case .lastSuccess: "When the last COMPLETED run ended."
    case .lastExitCode: "Exit code of the last run that had one."
    case .duration: "Run times of what has ended."
    case .breaches: "Times that it was not as it was expected."
    }
  }

  func add(_ job: JobTally, to text: inout MetricsText) {
    let labels: [MetricsText.Label] = [("job", job.job)]
    switch self {
    case .runs:
      for (state, count) in job.ended.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        text.add("\(name)_total", labels + [("outcome", EventKind.state(state).name)], value: count)
      }
    case .running: text.add(name, labels, value: job.live)
    case .lastStart: if let at = job.lastStartAt { text.add(name, labels, seconds: at) }
    case .lastSuccess: if let at = job.lastSuccessAt { text.add(name, labels, seconds: at) }
    case .lastExitCode: if let code = job.lastExitCode { text.add(name, labels, value: code) }
    case .duration: text.add(name, labels, histogram: job.durations)
    case .breaches:
      for (kind, count) in job.breaches.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        text.add("\(name)_total", labels + [("problem", kind.rawValue)], value: count)
      }
    }
  }

  /// Those that somebody sees, the rest of them as one. Which are shown by their names stays while the server runs: counters do
  /// not go down.
  static func shown(_ tallies: JobTallies?, to grant: Grant) -> [JobTally] {
    guard let tallies else { return [] }
    let seen = grant.seesAllJobs ? tallies.jobs : tallies.jobs.filter { grant.allows(job: $0.job) }
    var others: [JobTally] = Array(seen.dropFirst(mostJobs))
    // Whose these are, nobody knows any more.
    if grant.seesAllJobs, let rest = tallies.rest { others.append(rest) }
    guard !others.isEmpty else { return seen }
    var rest = JobTally(job: Self.others)
    for other in others { rest.merge(other) }
    return seen.prefix(mostJobs) + [rest]
  }
}
