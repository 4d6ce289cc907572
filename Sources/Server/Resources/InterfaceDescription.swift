internal import RESTSchema

extension Route {
  /// Answers with the description of this interface, for programs (OpenAPI 3.1).
  static func interfaceDescription(_ services: Services) -> Route {
    Route("/openapi.json").get(.everybody) { request in
      try request.query.finish()
      return Answer(type: "application/json", bytes: RESTSchema.openAPI)
    }
  }
}
