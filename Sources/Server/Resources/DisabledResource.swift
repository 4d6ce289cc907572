internal import Documents
internal import Events
internal import HTTPTypes
internal import Linux
internal import Operations
internal import Projections

extension Route {
  /// Answers with what keeps jobs from running.
  static func disabled(_ services: Services) -> Route {
    Route("/disabled").get { request in
      let moment = try request.takeMomentAlone()
      let entries = try await services.executor.read { present in
        try present.at(moment).map { session in
          try DisabledJobs(reader: session.reader).inForce(at: session.moment.wall)
        } ?? []
      }
      let documents = entries.filter { request.grant.allows(pattern: $0.disabled.pattern) }
        .map(Self.document)
      return .hal(HAL.list("disabled", documents, [HAL.Link("self", request.target)]))
    }
  }

  /// Answers about one pattern that keeps jobs from running.
  static func disabledPattern(_ services: Services) -> Route {
    Route("/disabled/{pattern}")
      .get { request in
        try request.query.finish()
        let pattern = try Self.pattern(request)
        let now = WallTime.now
        let entry = try await services.executor.read { session in
          try session.flatMap {
            try DisabledJobs(reader: $0.reader).entry(ofPattern: pattern, at: now)
          }
        }
        guard let entry else { throw Self.isNotDisabled(pattern) }
        return .hal(Self.document(entry))
      }
      .on(.put) { request in try await disable(request, services) }
      .on(.delete) { request in try await enable(request, services) }
  }

  private static func disable(_ request: ServerRequest, _ services: Services) async throws -> Answer
  {
    try request.query.finish()
    let pattern = try Self.pattern(request)
    var body = try RequestBody(request)
    let until = try body.takeFuture("until")
    let requester = try request.requester(reason: body.takeReason())
    try body.finish()
    let keys = services.keys
    let (seq, isNew) = try await services.executor.write { session -> (Seq, Bool) in
      if let use = try keys.repeated(requester, session) { return (use.seq, true) }
      let disabled = try JobSwitching(session, by: requester, keys: keys)
        .disable([pattern], until: until)
      if let use = disabled.repeated { return (try keys.check(use, requester).seq, true) }
      if let present = disabled.present.first { return (present.seq, false) }
      return (disabled.added.first?.seq ?? .start, true)
    }
    return Answer.accepted(
      seq, HAL.Link("disabled", "/disabled/\(PercentCoding.encode(pattern))"),
      status: isNew ? .accepted : .ok)
  }

  private static func enable(_ request: ServerRequest, _ services: Services) async throws -> Answer
  {
    try request.query.finish()
    let pattern = try Self.pattern(request)
    var body = try RequestBody(request)
    let requester = try request.requester(reason: body.takeReason())
    try body.finish()
    let keys = services.keys
    let seq = try await services.executor.change { session -> Seq? in
      guard let session else { return nil }
      if let use = try keys.repeated(requester, session) { return use.seq }
      let enabled = try JobSwitching(session, by: requester, keys: keys).enable([pattern])
      if let use = enabled.repeated { return try keys.check(use, requester).seq }
      return enabled.removed.first?.seq
    }
    guard let seq else { throw Self.isNotDisabled(pattern) }
    return Answer.accepted(seq, HAL.Link("disabled", "/disabled"))
  }

  /// The pattern of the path; one that is not for who asks does not exist.
  private static func pattern(_ request: ServerRequest) throws(Problem) -> String {
    let pattern = try request.name("pattern", atMost: 1024)
    guard request.grant.allows(pattern: pattern) else { throw isNotDisabled(pattern) }
    return pattern
  }

  private static func isNotDisabled(_ pattern: String) -> Problem {
    .notFound(
      "\(Problem.quoted(pattern)) is not disabled; GET /disabled lists what is, each as it was given"
    )
  }

  private static func document(_ entry: DisabledJobs.Entry) -> JSON {
    let path = "/disabled/\(PercentCoding.encode(entry.disabled.pattern))"
    return HAL.document(DisabledDocument(entry).json, [HAL.Link("self", path)])
  }
}
