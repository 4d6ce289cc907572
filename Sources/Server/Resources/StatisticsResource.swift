internal import Documents
internal import Events
internal import Linux
internal import NIOCore
internal import Operations
internal import Projections

extension Route {
  /// Answers with how a job's ended instances have fared: the document of `taro stats`.
  static func jobStatistics(_ services: Services) -> Route {
    Route("/jobs/{job}/stats").get { request in
      let job = request["job"]
      var parameters = request.query
      let now = WallTime.now
      let since = try parameters.takeTime("since", now: now)
      let until = try parameters.takeTime("until", now: now)
      let moment = try parameters.takeMoment(now: now)
      try parameters.finish()
      guard request.grant.allows(job: job) else { throw Problem.noJob(job) }
      return try await services.answer(AnswerCache.Question(request, since, until, moment?.time)) {
        let statistics = try await services.executor.read { present in
          let session = try present.at(moment)
          var query = InstanceQuery(.ended)
          query.job = job
          (query.since, query.until) = (since, until)
          return try session?.projections.statistics(query).first.map { StatisticsDocument($0) }
        }
        guard let statistics else {
          throw Problem.notFound("no instance of the job \(Problem.quoted(job)) has ended then")
        }
        let path = InstanceText.jobPath(job)
        let json = HAL.document(
          statistics.json, [HAL.Link("self", request.target), HAL.Link("job", path)])
        return AnswerCache.Page(body: ByteBuffer(string: json.text))
      }
    }
  }
}
