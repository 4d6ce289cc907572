internal import Documents
internal import Events

extension Route {
  /// Answers with the number that this version speaks, and its name: the document of `taro --protocol`.
  static func answerProtocol(_ services: Services) -> Route {
    Route("/protocol").get { request in
      try request.query.finish()
      let document = AnswerProtocol(version: services.version)
      return .hal(HAL.document(document.json, [HAL.Link("self", "/protocol")]))
    }
  }
}
