internal import Ledger
internal import Operations
internal import Settings

/// Everything that resources work with.
struct Services: Sendable {
  let executor: LedgerExecutor
  let feed: LedgerFeed
  let access: AccessControl
  let rates: RateLimit
  let streams: StreamRegistry
  let observer: ConnectionObserver
  let configuration: ServerConfiguration
  let answers = AnswerCache()
  let jobs = JobProperties()
  let keys: RequestKeys
  /// Counts that only go up.
  let counters: JobCounters
  /// Counts of what the history has now.
  let history: JobCounters
  let remedies: ServerRemedies
  /// The program's.
  let version: String

  var tokens: TokenFile { access.tokens }
}

extension Route {
  /// Returns every resource; each has a file of its own.
  static func all(_ services: Services) -> [Route] {
    [
      .health(services), .readiness(services), .interfaceDescription(services), .session(services),
      .hostInfo(services), .answerProtocol(services), .ledger(services), .disabled(services),
      .latches(services),
      .events(services), .instances(services), .instance(services), .instanceEvents(services),
      .instanceOutput(services), .jobs(services), .job(services), .jobInstances(services),
      .jobStatistics(services), .search(services), .comparison(services),
      .timeline(services), .check(services), .expectations(services),
      .stop(services), .interrupt(services), .kill(services), .pause(services),
      .resume(services), .signal(services), .release(services), .disabledPattern(services),
      .metrics(services), .page(services), .pageFile(services),
      .instanceOutputIndex(services),
    ]
  }
}
