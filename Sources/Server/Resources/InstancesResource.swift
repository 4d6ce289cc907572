internal import Events
internal import NIOCore
internal import Operations
internal import Projections

extension Route {
  /// Answers with instances and their jobs.
  static func instances(_ services: Services) -> Route {
    Route("/instances").get { request in
      let parameters = try InstanceParameters(request)
      return try await InstanceList(services, request, path: "/instances").answer(parameters)
    }
  }

  /// Answers with the instances of one job.
  static func jobInstances(_ services: Services) -> Route {
    Route("/jobs/{job}/instances").get { request in
      let job = request["job"]
      let parameters = try InstanceParameters(request, job: job)
      try await services.requireJob(job, request)
      let path = "\(InstanceText.jobPath(job))/instances"
      return try await InstanceList(services, request, path: path).answer(parameters)
    }
  }
}

/// Answers with a page of instances. What is small is made at once, and kept; of what is large the instances are read
/// again one by one while it is written, so that it is never in memory as a whole.
struct InstanceList {
  /// The largest answer that is written whole; what is larger is written in pieces.
  private static let wholeBytes = 512 << 10
  /// The size of a piece.
  private static let pieceBytes = 64 << 10

  private let services: Services
  private let request: ServerRequest
  private let path: String

  init(_ services: Services, _ request: ServerRequest, path: String) {
    self.services = services
    self.request = request
    self.path = path
  }

  /// A page as far as it was made.
  private struct Made: Sendable {
    /// The fields that are wanted of each.
    let fields: Set<String>?
    var beginning: ByteBuffer
    /// The instances that are to follow.
    var rest: [InstanceID] = []
    var end = ByteBuffer()
    var next: String?
    var isLasting = true
  }

  /// Thrown past the cache when the answer is too large to be kept.
  private struct Large: Error { let made: Made }

  func answer(_ parameters: InstanceParameters) async throws -> Answer {
    do {
      return try await services.answer(parameters.question) {
        var made = try await services.executor.read { try self.make(parameters, $0) }
        guard made.rest.isEmpty else { throw Large(made: made) }
        made.beginning.writeBuffer(&made.end)
        return AnswerCache.Page(
          body: made.beginning, next: made.next, isLasting: made.isLasting)
      }
    } catch let large as Large { return stream(large.made, parameters.moment) }
  }

  // MARK: On a reader's thread

  private func make(
    _ parameters: InstanceParameters, _ present: LedgerSession?
  ) throws -> Made {
    let session = try present.at(parameters.moment)
    let page = try session.map { try $0.projections.page(parameters.query) }
    let records = page?.records ?? []
    let next = page?.next.map {
      "\(path)?\(request.query.text(replacing: "cursor", with: $0.text))"
    }
    var links = [HAL.Link("self", request.target)]
    if let next { links.append(HAL.Link("next", next)) }
    var made = Made(
      fields: parameters.fields,
      beginning: ByteBuffer(
        string: "{\"_links\":\(HAL.links(links).value.text),\"_embedded\":{\"instances\":["))
    made.next = next
    if let session {
      var documents = InstanceDocuments(session, services.answers, fields: made.fields)
      for (index, record) in records.enumerated() {
        made.isLasting = made.isLasting && AnswerCache.isLasting(record)
        guard made.beginning.readableBytes < Self.wholeBytes else {
          made.rest.append(record.instance)
          continue
        }
        if index > 0 { made.beginning.writeString(",") }
        var text = try documents.text(of: record)
        made.beginning.writeBuffer(&text)
      }
    }
    made.end.writeString("],\"jobs\":\(jobs(of: records).text)}}")
    return made
  }

  /// Returns each of the instances' jobs once, by id.
  private func jobs(of records: [InstanceRecord]) -> JSON {
    let known = services.jobs.current(services.observer.logger)
    var seen: Set<[UInt8]> = []
    var names: [String] = []
    for record in records where seen.insert(Array(record.job.utf8)).inserted {
      names.append(record.job)
    }
    names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return .array(
      names.map { job in
        .object([
          HAL.links([HAL.Link("self", InstanceText.jobPath(job))]),
          JSON.Member("job", .string(job)),
          JSON.Member("properties", known.properties(of: job)),
        ])
      })
  }

  // MARK: In pieces

  private func stream(_ made: Made, _ moment: AskedMoment?) -> Answer {
    let services = services
    var answer = Answer.stream(type: "application/hal+json") { writer in
      try await writer.write(made.beginning)
      var rest = made.rest[...]
      while !rest.isEmpty {
        let wanted = rest
        let (piece, count) = try await services.executor.read { present -> (ByteBuffer, Int) in
          guard let session = try present.at(moment) else { return (ByteBuffer(), wanted.count) }
          return try Self.piece(wanted, session, services.answers, made.fields)
        }
        rest = rest.dropFirst(count)
        try await writer.write(piece)
      }
      try await writer.write(made.end)
    }
    answer.link(to: made.next)
    return answer
  }

  /// The first of them, and how many these are. One that retention has dropped since is none.
  private static func piece(
    _ instances: ArraySlice<InstanceID>, _ session: LedgerSession, _ answers: AnswerCache,
    _ fields: Set<String>?
  ) throws -> (ByteBuffer, Int) {
    var documents = InstanceDocuments(session, answers, fields: fields)
    var piece = ByteBuffer()
    var count = 0
    for instance in instances where piece.readableBytes < pieceBytes {
      count += 1
      guard let record = try session.projections.record(of: instance) else { continue }
      piece.writeString(",")
      var text = try documents.text(of: record)
      piece.writeBuffer(&text)
    }
    return (piece, count)
  }
}
