internal import Documents
internal import Events
internal import Operations

extension Route {
  /// Answers with what is expected of jobs: the documents of `taro expectations`.
  static func expectations(_ services: Services) -> Route {
    Route("/expectations").get { request in
      var parameters = request.query
      let patterns = try InstanceParameters.patterns(&parameters)
      try parameters.finish()
      let (grant, now) = (request.grant, WallTime.now)
      let documents = try await services.executor.read { session in
        try session?.expectations(now: now) { job in
          grant.allows(job: job)
            && (patterns.isEmpty || patterns.contains { $0.matches(job: job) })
        } ?? []
      }
      return .hal(
        HAL.list("expectations", documents.map(Self.document), [HAL.Link("self", request.target)]))
    }
  }

  private static func document(_ expectation: ExpectationDocument) -> JSON {
    let path = "/check?match=\(PercentCoding.encode(expectation.job))"
    return HAL.document(expectation.json, [HAL.Link("check", path)])
  }
}
