internal import Documents
internal import Events
internal import Linux
internal import Operations
internal import Projections

extension Route {
  /// What keeps jobs from running now.
  static func disabled(_ services: Services) -> Route {
    Route("/disabled").get { request in
      try request.query.finish()
      let now = Clock.wallMicroseconds()
      let entries = try await services.executor.read { session in
        try session.map { try DisabledJobs(reader: $0.reader).inForce(at: now) } ?? []
      }
      let documents = entries.filter { request.grant.allows(job: $0.disabled.pattern) }.map {
        entry in
        let path = "/disabled/\(PercentCoding.encode(entry.disabled.pattern))"
        return HAL.document(DisabledDocument(entry).json, [HAL.Link("self", path)])
      }
      return .hal(HAL.list("disabled", documents, [HAL.Link("self", "/disabled")]))
    }
  }
}
