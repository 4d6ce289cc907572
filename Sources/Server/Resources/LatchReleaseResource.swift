internal import Events
internal import HTTPTypes
internal import Ledger
internal import Operations
internal import Projections

extension Route {
  /// Lets those go on who wait for a latch.
  static func release(_ services: Services) -> Route {
    Route("/latches/{name}/release").on(.post) { request in
      let latch = try request.name("name", atMost: 1024)
      var query = request.query
      let isFlagged = try query.takeFlag("hold_open")
      try query.finish()
      var body = try RequestBody(request)
      let holdsOpen = try body.takeFlag("hold_open") ?? false || isFlagged
      let requester = try request.requester(reason: body.takeReason())
      try body.finish()
      let (grant, keys) = (request.grant, services.keys)
      let done = try await services.executor.write { session in
        if let use = try keys.repeated(requester, session) { return try Done(use, session) }
        // A latch that is held open is open for jobs of others, too.
        guard grant.seesAllJobs || !holdsOpen else { throw Problem.othersWait(latch, grant) }
        let release: LatchRelease
        do {
          release = try LatchRelease(
            latch, holdsOpen: holdsOpen, by: requester, in: session, keys: keys,
            mayRelease: grant.seesAllJobs ? nil : { grant.allows($0.job, $0.instance) })
        } catch let refusal as LatchRelease.Refusal {
          switch refusal {
          case .nobodyWaits: throw Problem.nobodyWaits(latch)
          case .othersWait: throw Problem.othersWait(latch, grant)
          }
        }
        if let use = release.repeated { return try Done(try keys.check(use, requester), session) }
        // A runner that could not be rung looks by itself in a while.
        return Done(seq: release.seq, released: release.released.map(\.name))
      }
      let released = JSON.Member("released", .strings(done.released))
      return .accepted(done.seq, HAL.Link("latches", "/latches"), [released])
    }
  }

  private struct Done: Sendable {
    let seq: Seq
    /// The instances that go on, each as `job@instance`, oldest first.
    let released: [String]

    init(seq: Seq, released: [String]) {
      self.seq = seq
      self.released = released
    }

    /// Takes it from the event of the first request.
    init(_ use: RequestKeys.Use, _ session: LedgerSession) throws(LedgerError) {
      seq = use.seq
      let event = try session.reader.events(after: use.seq - 1, limit: 1).first
      released = event.flatMap { Released($0.json).released } ?? []
    }
  }
}

extension Problem {
  fileprivate static func nobodyWaits(_ latch: String) -> Problem {
    .notFound("nobody waits for \(quoted(latch)); GET /latches shows who waits for what")
  }

  fileprivate static func othersWait(_ latch: String, _ grant: Grant) -> Problem {
    .forbidden(
      "\(grant.name) may release no jobs but its own, and \(quoted(latch)) is of others too; a token "
        + "without --jobs may")
  }
}
