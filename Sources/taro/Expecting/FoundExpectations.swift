internal import Events
internal import Operations

/// Everything that crontabs or timers would have expected: jobs, and what is left out and why.
struct FoundExpectations {
  struct Found: Equatable {
    let job: String
    var expectation: JobExpectation
  }

  struct LeftOut: Equatable {
    /// `crontab of root, line 3`.
    let source: String
    let reason: String
  }

  private(set) var found: [Found] = []
  private(set) var leftOut: [LeftOut] = []
  /// Lines and timers that start no job of taro's.
  var others = 0

  mutating func leaveOut(_ source: String, _ reason: String) {
    leftOut.append(LeftOut(source: source, reason: reason))
  }

  /// Takes what one line or timer starts. Of a job that several start, each time counts.
  mutating func add(_ job: ExpectedWords.Found?, _ source: String, _ expectation: JobExpectation) {
    switch job {
    case nil: others += 1
    case .unknown(let reason): leaveOut(source, reason)
    case .job(let id): add(id, source, expectation)
    }
  }

  private mutating func add(_ job: String, _ source: String, _ expectation: JobExpectation) {
    if case .times(let cron, let calendar) = expectation.due {
      do throws(DueTimes.Refusal) {
        _ = try DueTimes(cron: cron, calendar: calendar, zone: expectation.zone)
      } catch { return leaveOut(source, error.description) }
    }
    var expectation = expectation
    expectation.source = source
    guard let index = found.firstIndex(where: { $0.job == job }) else {
      found.append(Found(job: job, expectation: expectation))
      return
    }
    let first = found[index].expectation
    guard case .times(let cron, let calendar) = first.due,
      case .times(let moreCron, let moreCalendar) = expectation.due, first.zone == expectation.zone
    else {
      return leaveOut(
        source, "\(job) stands in \(first.source ?? "another place") already, and otherwise")
    }
    func added(_ one: [String], _ others: [String]) -> [String] {
      one + others.filter { !one.contains($0) }
    }
    found[index].expectation.due = .times(
      cron: added(cron, moreCron), calendar: added(calendar, moreCalendar))
    found[index].expectation.grace = max(first.grace, expectation.grace)
    found[index].expectation.source = "\(first.source ?? ""); \(source)"
  }
}
