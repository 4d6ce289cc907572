internal import Documents
internal import Events
internal import Ledger
internal import Operations
internal import Presentation
internal import Projections

/// Tells what is expected of a job, and whether it is so, in sentences.
enum ExpectedAnswer {
  /// Each ends with its point; none where nothing is expected of the job.
  static func sentences(_ job: String, _ session: LedgerSession) throws -> [String] {
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
    if let newest {
      let breaches = try BreachHistory(session.reader).of(newest.instance)
      sentences += breaches.map { "\(sentence($0))." }
    }
    if let next = document.nextDue {
      sentences.append("It is due next at \(TimeFormat.local(next)).")
    }
    return sentences
  }

  private static func sentence(_ breach: Breach) -> String {
    let due = TimeFormat.local(breach.due)
    let limit = breach.limit.map { DurationText.exact($0) } ?? ""
    switch breach.kind {
    case .missed: return "It was due at \(due)"
    case .late: return "This run was due at \(due), and has begun more than \(limit) later"
    case .overlong: return "This run should have ended within \(limit), by \(due)"
    case .overlapping:
      let other = breach.other.map { " \($0)" } ?? ""
      return "This run has begun while run\(other) went on"
    case .silent: return "Nothing was heard of this run for \(limit), by \(due)"
    }
  }
}
