internal import Events
internal import HTTPTypes
internal import Logging
internal import NIOCore
internal import Operations
internal import Projections

extension Route {
  /// Everything that an instance has printed, byte for byte.
  static func instanceOutput(_ services: Services) -> Route {
    Route("/instances/{id}/output").get { request in
      let parameters = try OutputParameters(request)
      let facts = try await OutputFacts.named(
        request["id"], visible: request.grant.jobs, parameters.stream, at: parameters.moment,
        services.executor)
      try facts.check(parameters.stream)
      let answer = OutputAnswer(services, request, parameters, facts)
      return parameters.follows ? try await answer.following() : try await answer.whole()
    }
  }
}

/// Answers with output. What is read before the head is sent tells its type.
private struct OutputAnswer {
  private static let text = "text/plain; charset=utf-8"
  private static let binary = "application/octet-stream"
  /// So much of the first portion decides.
  private static let typeBytes = 64 << 10

  private let services: Services
  private let request: ServerRequest
  private let parameters: OutputParameters
  private let facts: OutputFacts

  init(
    _ services: Services, _ request: ServerRequest, _ parameters: OutputParameters,
    _ facts: OutputFacts
  ) {
    self.services = services
    self.request = request
    self.parameters = parameters
    self.facts = facts
  }

  /// Answers with what there is now, or a range of it.
  func whole() async throws -> Answer {
    var wanted = 0..<facts.size
    if let part = parameters.part { wanted = part.clamped(to: wanted) }
    if let range = parameters.range {
      guard let bytes = range.bytes(of: facts.size) else { throw unsatisfiable() }
      wanted = bytes
    }
    let end = wanted.upperBound
    let reading = OutputReading(
      executor: services.executor, form: parameters.isLines ? .lines(upTo: end) : .bytes(upTo: end))
    var start = OutputFollower.Start.offset(wanted.lowerBound)
    if let lines = parameters.lines {
      start = .place(try await reading.startOfLines(lines, facts, parameters.stream))
    }
    let follower = try await reading.begin(facts, parameters.stream, from: start, follows: false)
    guard !parameters.isLines else { return lines(reading, follower) }
    let first = try await beginning(reading, follower)
    var answer = Answer.stream(
      type: Self.type(first, follower), length: Int(end - follower.offset)
    ) { [facts, services] writer in
      var writing = OutputWriting(reading, facts, follower, writer)
      try await Self.logging(services, facts) {
        try await writing.drain(first, to: end)
      }
    }
    answer.headers[.acceptRanges] = "bytes"
    if parameters.range != nil {
      answer.status = .partialContent
      let size = facts.hasEnded ? "\(facts.size)" : "*"
      answer.headers[.contentRange] = "bytes \(wanted.lowerBound)-\(end - 1)/\(size)"
    }
    return answer
  }

  /// Answers with the pieces as documents: what is missing is told among them.
  private func lines(_ reading: OutputReading, _ follower: OutputFollower) -> Answer {
    Answer.stream(type: "application/x-ndjson") { [facts, services] writer in
      var writing = OutputWriting(reading, facts, follower, writer)
      try await Self.logging(services, facts) { try await writing.drain() }
    }
  }

  /// Answers with what there is and what comes.
  func following() async throws -> Answer {
    let isEventStream = parameters.isEventStream
    if facts.hasEnded {
      switch parameters.lastID {
      // A browser does not come back then.
      case .end: return Answer(status: .noContent)
      case .offset(let offset) where offset > facts.size: return Answer(status: .noContent)
      case .offset, nil: break
      }
    }
    let reading = OutputReading(
      executor: services.executor, form: isEventStream ? .events : .bytes(upTo: .max))
    if isEventStream, request.method == .head {
      return Answer.stream(type: "text/event-stream") { _ in }.unbuffered
    }
    let place = request.method == .head ? nil : try services.streams.begin(request)
    let follower = try await reading.begin(
      facts, parameters.stream, from: try await start(reading), follows: place != nil)
    let first = isEventStream ? nil : try await beginning(reading, follower)
    let type = first.map { Self.type($0, follower) } ?? "text/event-stream"
    return Answer.stream(type: type) { [facts, services] writer in
      defer { place?.leave() }
      let listener = services.feed.listen()
      defer { listener.stop() }
      var writing = OutputWriting(reading, facts, follower, writer)
      try await Self.logging(services, facts) { try await writing.follow(listener, first) }
    }.unbuffered
  }

  private func start(_ reading: OutputReading) async throws -> OutputFollower.Start {
    switch parameters.lastID {
    case .offset(let offset): return .offset(offset)
    case .end: return .offset(facts.size)
    case nil: break
    }
    guard let lines = parameters.lines else { return .offset(0) }
    return .place(try await reading.startOfLines(lines, facts, parameters.stream))
  }

  /// - Throws: `OutputMissing` where not even the first of it is there.
  private func beginning(
    _ reading: OutputReading, _ follower: OutputFollower
  ) async throws -> OutputForm.Portion {
    let first = try await reading.next(follower, upTo: facts.end)
    if let missing = first.missing, first.bytes.readableBytes == 0 { throw missing }
    return first
  }

  private static func type(_ first: OutputForm.Portion, _ follower: OutputFollower) -> String {
    let bytes = first.bytes.readableBytesView.prefix(typeBytes)
    return TextPieces.isText(Array(bytes)[...], isBeginning: follower.offset == 0) ? text : binary
  }

  /// Logs why an answer is broken off: who gets it sees only that it is half.
  private static func logging(
    _ services: Services, _ facts: OutputFacts, _ body: () async throws -> Void
  ) async throws {
    do { try await body() } catch let missing as OutputMissing {
      services.observer.logger.warning(
        "an output was broken off",
        metadata: [
          "instance": .string(facts.record.name), "reason": .string(missing.problem.detail),
        ])
      throw missing
    }
  }

  private func unsatisfiable() -> Problem {
    Problem(
      name: "range-not-satisfiable", title: "Range not satisfiable", status: .rangeNotSatisfiable,
      detail: "Range \(Problem.quoted(request.headers[.range] ?? "")): the output has "
        + "\(facts.size) bytes; ask for some of these", members: [JSON.Member("parameter", "Range")]
    ).header(.contentRange, "bytes */\(facts.size)")
  }
}
