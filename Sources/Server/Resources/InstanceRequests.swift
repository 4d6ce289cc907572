internal import Events
internal import HTTPTypes
internal import Linux
internal import NIOCore
internal import Operations
internal import Projections

/// The requests that can be made of an instance.
extension Route {
  static func stop(_ services: Services) -> Route {
    request("stop", services) { _, _ in .stop(signal: "TERM") }
  }

  static func interrupt(_ services: Services) -> Route {
    request("interrupt", services) { _, _ in .interrupt(signal: "TERM") }
  }

  static func kill(_ services: Services) -> Route {
    request("kill", services) { _, _ in .stop(signal: "KILL") }
  }

  static func pause(_ services: Services) -> Route { request("pause", services) { _, _ in .pause } }

  static func resume(_ services: Services) -> Route {
    request("resume", services) { _, _ in .resume }
  }

  static func signal(_ services: Services) -> Route {
    request("signal", services) { query, body in
      let asked = try (query.take("signal"), body.takeText("signal"))
      guard let text = asked.0 ?? asked.1 else {
        throw Problem.badParameter("signal", "", "name one, in the query or in the body: USR1")
      }
      let signal = try signalName(text)
      if let other = asked.1, try signalName(other) != signal {
        throw Problem.badParameter("signal", other, "the query names another")
      }
      return .signal(signal)
    }
  }

  /// The name without SIG of a signal that was named, or numbered, in one of its spellings.
  private static func signalName(_ text: String) throws(Problem) -> String {
    let plain = text.uppercased()
    guard let number = Signals.parse(text), let name = Optional(Signals.name(number)),
      [name, "SIG\(name)", "\(number)"].contains(plain)
    else {
      throw .badParameter("signal", text, "accepted: a name such as USR1, or a number from 1 to 64")
    }
    return name
  }

  private static let longestWait: Int64 = 600_000_000

  private typealias Wish =
    @Sendable (_ query: inout Query, _ body: inout RequestBody) throws -> InstanceRequest

  private static func request(
    _ verb: String, _ services: Services, _ wish: @escaping Wish
  ) -> Route {
    Route("/instances/{id}/\(verb)").on(.post) { request in
      var query = request.query
      var body = try RequestBody(request)
      let wait = try query.takeDuration("wait", atMost: longestWait) ?? 0
      let wish = try wish(&query, &body)
      let requester = try request.requester(reason: body.takeReason())
      try query.finish()
      try body.finish()
      let asking = InstanceAsking(
        name: try request.name("id", atMost: 1041), wish: wish, requester: requester,
        grant: request.grant, keys: services.keys)
      guard wait > 0 else { return accepted(try await services.executor.change(asking.ask)) }
      // The registry says whether there is room to wait before anything is asked.
      return try await services.streams.run(request, endsWithServer: false) {
        let taken = try await services.executor.change(asking.ask)
        return try await answer(taken, RequestWait(wish: wish, taken: taken, time: wait), services)
      }
    }
  }

  private static func answer(
    _ taken: InstanceAsking.Taken, _ wait: RequestWait, _ services: Services
  ) async throws -> Answer {
    do {
      switch try await wait.run(services) {
      case .cannotHappen, .notYet: return accepted(taken)
      case .notDelivered(let reason):
        let name = try await services.executor.read { session in
          try session?.projections.record(of: taken.instance)?.name
        }
        throw Problem.notDelivered(name ?? taken.instance.text, reason)
      case .happened:
        let document = try await services.executor.read { session -> ByteBuffer? in
          guard let session, let record = try session.projections.record(of: taken.instance) else {
            return nil
          }
          var documents = InstanceDocuments(session, services.answers)
          return try documents.text(of: record)
        }
        guard let document else { return accepted(taken) }
        var answer = Answer(status: .ok, body: .bytes(document))
        answer.headers[.contentType] = "application/hal+json"
        return answer
      }
    } catch is CancellationError {
      // The token has ended: the request is on disk all the same.
      return accepted(taken)
    }
  }

  private static func accepted(_ taken: InstanceAsking.Taken) -> Answer {
    .accepted(taken.seq, HAL.Link("instance", "/instances/\(taken.instance)"))
  }
}
