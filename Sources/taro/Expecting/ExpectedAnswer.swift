internal import Documents
internal import Events
internal import Ledger
internal import Operations
internal import Presentation
internal import Projections

/// Tells what is expected of a job, and whether it is so, in sentences.
enum ExpectedAnswer {
  /// Each ends with its point; none where nothing is expected of the job.
  /// - Parameter shown: the run that is shown of the job; the newest may be another.
  static func sentences(
    _ job: String, _ session: LedgerSession, beside shown: InstanceRecord?
  ) throws -> [String] {
    guard let entry = try ExpectedJobs(reader: session.reader).entry(of: job) else { return [] }
    let now = session.moment.wall
    let newest = try session.projections.newestRun(ofJob: job)
    let document = entry.document(lastRun: newest?.createdAt, now: now)
    var sentences = ["Expected: \(ExpectationText.whole(document))."]
    if let problem = document.problem { return sentences + ["That cannot be judged: \(problem)."] }
    if let missing = try MissingRuns.breach(entry, session, now: now) {
      let due = TimeFormat.local(missing.due)
      let times = missing.count.map { ", the first of \($0) times" } ?? ""
      let never = newest == nil ? "it has never run" : "no run has begun since"
      sentences.append("It was due at \(due)\(times), and \(never).")
    }
    let history = try BreachHistory(session.reader)
    if let shown {
      sentences += history.of(shown.instance).map { sentence($0, of: shown, "this run") }
    }
    if let newest, newest.instance != shown?.instance {
      sentences += history.of(newest.instance).map {
        sentence($0, of: newest, "run \(newest.instance)")
      }
    }
    if let next = document.nextDue {
      sentences.append("It is due next at \(TimeFormat.local(next)).")
    }
    return sentences
  }

  /// - Parameter name: what the run is called in a sentence.
  private static func sentence(
    _ breach: Breach, of run: InstanceRecord, _ name: String
  ) -> String {
    let due = TimeFormat.local(breach.due)
    let limit = breach.limit.map { DurationText.exact($0) } ?? ""
    let subject = name.prefix(1).uppercased() + name.dropFirst()
    switch breach.kind {
    case .missed: return "It was due at \(due)."
    case .late: return "\(subject) was due at \(due), and has begun more than \(limit) later."
    case .overlong: return "\(subject) should have ended within \(limit), by \(due)."
    case .overlapping:
      let other = breach.other.map { " \($0)" } ?? ""
      return run.state == .skipped
        ? "\(subject) was to begin while run\(other) went on, and was skipped."
        : "\(subject) has begun while run\(other) went on."
    case .silent: return "Nothing was heard of \(name) for \(limit), by \(due)."
    }
  }
}
