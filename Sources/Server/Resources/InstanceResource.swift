internal import Documents
internal import Events
internal import Ledger
internal import NIOCore
internal import Operations
internal import Projections

extension Route {
  /// Answers about one instance.
  static func instance(_ services: Services) -> Route {
    Route("/instances/{id}").get { request in
      let moment = try request.takeMomentAlone()
      let name = request["id"]
      return try await services.answer(AnswerCache.Question(request, moment?.time)) {
        try await services.executor.read { present in
          guard let session = try present.at(moment) else {
            throw LedgerSession.NameError.nothing(name)
          }
          let record = try session.instance(named: name, visible: request.grant.jobs)
          var documents = InstanceDocuments(session, services.answers)
          return AnswerCache.Page(
            body: try documents.text(of: record), isLasting: AnswerCache.isLasting(record))
        }
      }
    }
  }

  /// Answers with what has happened to the instance until now.
  static func instanceEvents(_ services: Services) -> Route {
    Route("/instances/{id}/events").get { request in
      let moment = try request.takeMomentAlone()
      let name = request["id"]
      let (instance, last) = try await services.executor.read { present -> (InstanceID, Int64) in
        guard let session = try present.at(moment) else {
          throw LedgerSession.NameError.nothing(name)
        }
        let record = try session.instance(named: name, visible: request.grant.jobs)
        return (record.instance, record.lastN)
      }
      return .stream(type: "application/x-ndjson") { writer in
        var n: Int64 = 0
        while n < last {
          let after = n
          let lines = try await services.executor.read { session in
            try session.map { try EventLines(of: instance, after: after, upTo: last, $0) }
          }
          guard let lines, lines.reached > after else { return }
          guard lines.areOnDisk else {
            try await Task.sleep(for: DiskWait.pause)
            continue
          }
          n = lines.reached
          try await writer.write(lines.text)
        }
      }
    }
  }
}

extension ServerRequest {
  /// The moment as of which the answer is wanted, where nothing else can be said; nil: now.
  func takeMomentAlone() throws(Problem) -> AskedMoment? {
    var parameters = query
    let moment = try parameters.takeMoment(now: .now)
    try parameters.finish()
    return moment
  }
}

/// Some events of an instance as JSON Lines.
private struct EventLines: Sendable {
  /// The number of events that are read at once.
  private static let atOnce = 128

  private(set) var text = ByteBuffer()
  /// The last one's place among the instance's events.
  private(set) var reached: Int64
  private(set) var areOnDisk = true

  init(
    of instance: InstanceID, after n: Int64, upTo last: Int64, _ session: LedgerSession
  ) throws(LedgerError) {
    reached = n
    let found = try session.reader.events(
      of: instance, after: n, withOutput: true, limit: Self.atOnce)
    let events = found.filter { $0.n ?? 0 <= last }
    guard let newest = events.last else { return }
    reached = newest.n ?? n
    areOnDisk = DiskWait.isOver(newest, session)
    guard areOnDisk else { return }
    for event in events {
      text.writeString(EventDocument(event).json.text)
      text.writeString("\n")
    }
  }
}
