internal import Documents
internal import Events
internal import Ledger
internal import Operations

extension Route {
  /// Answers with what is not well now: the document of `taro check`. Whatever keeps it from being known is in the document too.
  static func check(_ services: Services) -> Route {
    Route("/check").get { request in
      var parameters = request.query
      var choice = LedgerCheck.Choice()
      choice.patterns = try InstanceParameters.patterns(&parameters)
      if let time = try parameters.takeDuration("within", atMost: .max) { choice.within = time }
      if let time = try parameters.takeDuration("disabled_for", atMost: .max) {
        choice.disabledFor = time
      }
      try parameters.finish()
      let check = try await services.check(request.grant, choice)
      return .hal(HAL.document(check.json, [HAL.Link("self", request.target)]))
    }
  }
}

extension Services {
  /// Looks what is not well with the jobs that somebody sees.
  func check(
    _ grant: Grant, _ choice: LedgerCheck.Choice = LedgerCheck.Choice()
  ) async throws -> CheckDocument {
    var choice = choice
    choice.visible = grant.jobs
    let wanted = choice
    let directory = executor.directory
    do {
      return try await executor.read { try LedgerCheck.answer($0, of: directory, wanted) }
    } catch let error as LedgerError {
      return LedgerCheck.answer(about: error, of: directory, reason: remedies.explain(error))
    }
  }
}
