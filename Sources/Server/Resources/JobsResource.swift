internal import Events
internal import Linux
internal import NIOCore
internal import Operations
internal import Projections

extension Route {
  /// The jobs of the ledger and of `jobs.yaml`, by id.
  static func jobs(_ services: Services) -> Route {
    Route("/jobs").get { request in
      let parameters = try JobParameters(request)
      return try await services.answer(AnswerCache.Question(request)) {
        let found = try await services.executor.read { session in
          try parameters.jobs(session, services.jobs.current(services.observer.logger))
        }
        let tallies = try await services.history.current()
        var documents: [JSON] = []
        var rest = found.jobs[...]
        // Not all in one turn: others want to be answered too.
        while !rest.isEmpty {
          let some = rest.prefix(JobDocuments.atOnce)
          rest = rest.dropFirst(some.count)
          documents += try await services.executor.read { session in
            let jobs = try JobDocuments(session, services, tallies)
            return try some.compactMap { try jobs.document($0) }
          }
        }
        let next =
          found.hasMore
          ? found.jobs.last.map { last in
            "/jobs?\(request.query.text(replacing: "cursor", with: last))"
          } : nil
        var links = [HAL.Link("self", request.target)]
        if let next { links.append(HAL.Link("next", next)) }
        return AnswerCache.Page(
          body: ByteBuffer(string: HAL.list("jobs", documents, links).text), next: next,
          isLasting: false)
      }
    }
  }

  /// Answers about one job.
  static func job(_ services: Services) -> Route {
    Route("/jobs/{job}").get { request in
      try request.query.finish()
      let job = request["job"]
      guard request.grant.allows(job: job) else { throw Problem.noJob(job) }
      let tallies = try await services.history.current()
      let document = try await services.executor.read { session in
        try JobDocuments(session, services, tallies).document(job)
      }
      guard let document else { throw Problem.noJob(job) }
      return .hal(document)
    }
  }
}

extension Problem {
  static func noJob(_ job: String) -> Problem {
    .notFound("there is no job \(quoted(job)); GET /jobs lists those that there are")
  }
}

extension Services {
  /// - Throws: where who asks sees no such job.
  func requireJob(_ job: String, _ request: ServerRequest) async throws {
    let isThere = try await executor.read { session in
      guard request.grant.allows(job: job) else { return false }
      return try session?.projections.newest(ofJob: job) != nil
        || jobs.current(observer.logger).names(job)
    }
    guard isThere else { throw Problem.noJob(job) }
  }
}

/// The parameters by which a request selects jobs.
struct JobParameters: Sendable {
  private let patterns: [Pattern]
  private let limit: Int
  /// The job behind which the page begins.
  private let cursor: String?
  private let grant: Grant

  init(_ request: ServerRequest) throws(Problem) {
    var query = request.query
    patterns = try query.takeAll(
      "match", atMost: InstanceParameters.namesLimit, length: InstanceParameters.nameLength
    ).map { Pattern($0) }
    limit = Int(
      try query.takeCount("limit", 1...InstanceParameters.largestLimit)
        ?? InstanceParameters.defaultLimit)
    cursor = try query.take("cursor")
    if let cursor, !(1...1024).contains(cursor.unicodeScalars.count) {
      throw .badParameter("cursor", cursor, "accepted: what the link next of a list has")
    }
    grant = request.grant
    try query.finish()
  }

  struct Found: Sendable {
    var jobs: [String] = []
    var hasMore = false
  }

  /// Returns the jobs in the order of bytes; on a reader's thread.
  func jobs(_ session: LedgerSession?, _ known: JobProperties.Known) throws -> Found {
    var found = Found()
    var named = known.ids[...].drop { id in
      cursor.map { !$0.utf8.lexicographicallyPrecedes(id.utf8) } ?? false
    }
    var ledger = LedgerJobs(session, after: cursor)
    while true {
      let next: String
      switch (try ledger.first(), named.first) {
      case (nil, nil): return found
      case (let job?, nil): next = job
      case (nil, let job?): next = job
      case (let one?, let other?):
        next = other.utf8.lexicographicallyPrecedes(one.utf8) ? other : one
      }
      if try ledger.first().map({ $0.utf8.elementsEqual(next.utf8) }) ?? false { ledger.drop() }
      if named.first?.utf8.elementsEqual(next.utf8) ?? false { named = named.dropFirst() }
      guard isWanted(next) else { continue }
      guard found.jobs.count < limit else {
        found.hasMore = true
        return found
      }
      found.jobs.append(next)
    }
  }

  private func isWanted(_ job: String) -> Bool {
    grant.allows(job: job) && (patterns.isEmpty || patterns.contains { $0.matches(job: job) })
  }

  /// The jobs of the ledger, some at a time.
  private struct LedgerJobs {
    private static let atOnce = 256

    private let session: LedgerSession?
    private var jobs: [String] = []
    private var next = 0
    private var last: String?
    private var isAtEnd = false

    init(_ session: LedgerSession?, after job: String?) {
      self.session = session
      last = job
    }

    mutating func first() throws -> String? {
      if next == jobs.count, !isAtEnd {
        jobs = try session?.projections.jobs(after: last, limit: Self.atOnce) ?? []
        next = 0
        last = jobs.last ?? last
        isAtEnd = jobs.count < Self.atOnce
      }
      return next < jobs.count ? jobs[next] : nil
    }

    mutating func drop() { next += 1 }
  }
}

/// Makes the documents of jobs, as lists show them; on a reader's thread.
struct JobDocuments {
  /// So many are made in one turn.
  static let atOnce = 50

  private let session: LedgerSession?
  private let known: JobProperties.Known
  private let disabled: DisabledJobs?
  private let tallies: JobTallies?
  private let now = WallTime.now

  init(_ session: LedgerSession?, _ services: Services, _ tallies: JobTallies?) throws {
    self.session = session
    self.tallies = tallies
    known = services.jobs.current(services.observer.logger)
    disabled = try session.map { try DisabledJobs(reader: $0.reader) }
  }

  /// Returns nil where neither the ledger nor `jobs.yaml` has the job.
  func document(_ job: String) throws -> JSON? {
    let summary = try summary(job)
    guard summary != nil || known.names(job) else { return nil }
    let path = InstanceText.jobPath(job)
    return HAL.document(
      .object([
        JSON.Member("job", .string(job)), JSON.Member("properties", known.properties(of: job)),
        JSON.Member(
          "disabled", disabled?.entry(for: job, at: now).map { .string($0.pattern) } ?? .null),
        JSON.Member("counts", Self.counts(summary)),
        JSON.Member("last_run", summary.map { Self.run($0.newest) } ?? .null),
      ]),
      [
        HAL.Link("self", path), HAL.Link("instances", "\(path)/instances"),
        HAL.Link("stats", "\(path)/stats"),
      ])
  }

  private func summary(_ job: String) throws -> JobSummary? {
    guard let session else { return nil }
    // Of who is not kept, or began just now, it is counted.
    guard let tally = tallies?[job] else { return try session.projections.summary(ofJob: job) }
    return try session.projections.shown(ofJob: job).map { JobSummary(newest: $0, tally) }
  }

  private static func counts(_ summary: JobSummary?) -> JSON {
    let ended: [InstanceState.Group] = [.completed, .notCompleted, .notExecuted, .failure]
    return .object(
      [JSON.Member("live", .integer(summary?.live ?? 0))]
        + ended.map { JSON.Member($0.rawValue, .integer(summary?.ended[$0] ?? 0)) })
  }

  private static func run(_ record: InstanceRecord) -> JSON {
    func time(_ time: WallTime?) -> JSON {
      time.map { .string(Timestamp.rfc3339($0)) } ?? .null
    }
    let ending = record.ending
    let run = record.runMicroseconds(bootNow: .now)
    return HAL.document(
      .object([
        JSON.Member("instance", .string(record.instance.text)),
        JSON.Member("state", .string(record.state.rawValue)),
        JSON.Member("group", .string(record.state.group.rawValue)),
        JSON.Member("reason", ending?.reason.map { .string($0) } ?? .null),
        JSON.Member("created_at", time(record.createdAt)),
        JSON.Member("started_at", time(record.startedAt)),
        JSON.Member("ended_at", time(record.endedAt)),
        JSON.Member("run_seconds", run.map { .number(Double($0) / 1_000_000) } ?? .null),
        JSON.Member("exit_code", ending?.exitCode.map { .integer($0) } ?? .null),
      ]), [HAL.Link("self", "/instances/\(record.instance)")])
  }
}
