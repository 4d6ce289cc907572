internal import Events
internal import Ledger
internal import Linux
internal import Operations

extension Route {
  /// Answers with the ledger's identity, and where it stands.
  static func ledger(_ services: Services) -> Route {
    Route("/ledger").get { request in
      try request.query.finish()
      let facts = try await services.executor.read { session -> [(String, JSON)] in
        guard let session else {
          return [
            ("id", .null), ("head", .integer(0)), ("digest", .null), ("size", .integer(0)),
            ("lag", .integer(0)),
          ]
        }
        let head = try session.reader.head()
        return [
          ("id", .string(session.reader.ledgerID)), ("head", .seq(head.seq)),
          ("digest", .string("\(head.digest)")), ("size", .integer(session.directory.bytes)),
          ("lag", .integer(try LedgerLag(session).events)),
        ]
      }
      return .hal(
        HAL.document(
          .object(facts.map { JSON.Member($0.0, $0.1) }),
          [HAL.Link("self", "/ledger"), HAL.Link("events", "/events")]))
    }
  }
}
