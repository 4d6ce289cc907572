internal import Documents
internal import Events
internal import NIOCore
internal import Operations
internal import Projections

extension Route {
  /// Answers with what two instances have not in common: the document of `taro diff`.
  static func comparison(_ services: Services) -> Route {
    Route("/instances/{id}/diff/{other}").get { request in
      let (old, new) = (request["id"], request["other"])
      var parameters = request.query
      var comparison = OutputComparison.Request()
      comparison.stream = try parameters.takeStream()
      comparison.isExact = try parameters.takeFlag("exact")
      comparison.marksWords = try parameters.takeFlag("word")
      comparison.context = Int(try parameters.takeCount("context", 0...100) ?? 3)
      comparison.maximumLines = Int(
        try parameters.takeCount("max_lines", 1...mostComparedLines) ?? mostComparedLines)
      let limit = Int(
        try parameters.takeCount("limit", 1...Int64(ComparisonReport.mostLines))
          ?? Int64(ComparisonReport.mostLines))
      try parameters.finish()
      let wanted = comparison
      return try await services.answer(AnswerCache.Question(request)) {
        try await services.executor.search { session in
          guard let session else { throw LedgerSession.NameError.nothing(old) }
          let choice = try ComparisonChoice(
            old: session.instance(named: old, visible: request.grant.jobs),
            new: session.instance(named: new, visible: request.grant.jobs))
          let document = try ComparisonReport(choice, wanted, limit: limit)
            .document(in: session, bootNow: .now)
          let links = [
            HAL.Link("self", request.target), HAL.Link("old", path(choice.old.instance)),
            HAL.Link("new", path(choice.new.instance)),
          ]
          return AnswerCache.Page(
            body: ByteBuffer(string: HAL.document(document.json, links).text),
            isLasting: [choice.old, choice.new].allSatisfy { AnswerCache.isLasting($0) })
        }
      }
    }
  }

  private static let mostComparedLines: Int64 = 1_000_000

  private static func path(_ instance: InstanceID) -> String { "/instances/\(instance)" }
}
