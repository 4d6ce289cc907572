internal import Events
internal import Operations
internal import Projections

extension Route {
  /// Answers with the latches that are waited for, and by whom.
  static func latches(_ services: Services) -> Route {
    Route("/latches").get { request in
      try request.query.finish()
      let waiting = try await services.executor.read { session in
        try session.map { try WaitingForLatches($0).byLatch } ?? []
      }
      let documents = waiting.compactMap { latch, records -> JSON? in
        let seen = records.filter { request.grant.allows($0.job, $0.instance) }
        guard !seen.isEmpty else { return nil }
        return Self.document(latch, seen)
      }
      return .hal(HAL.list("latches", documents, [HAL.Link("self", "/latches")]))
    }
  }

  private static func document(_ latch: String, _ waiting: [InstanceRecord]) -> JSON {
    let path = "/latches/\(PercentCoding.encode(latch))/release"
    let instances = waiting.map { record in
      HAL.document(
        .object([
          JSON.Member("job", .string(record.job)),
          JSON.Member("instance", .string(record.instance.text)),
        ]), [HAL.Link("self", "/instances/\(record.instance)")])
    }
    return HAL.document(
      .object([
        JSON.Member("latch", .string(latch)), JSON.Member("instances", .array(instances)),
      ]), [HAL.Link("release", path)])
  }
}
