internal import Documents
internal import Events
internal import Operations

extension Route {
  /// Answers with a description of this host: the document of `taro hostinfo`.
  static func hostInfo(_ services: Services) -> Route {
    Route("/hostinfo").get { request in
      try request.query.finish()
      let document = try await services.executor.read { _ in try HostDescription.document() }
      return .hal(HAL.document(document.json, [HAL.Link("self", "/hostinfo")]))
    }
  }
}
