internal import Events
internal import HTTPTypes
internal import Ledger
internal import Logging
internal import Operations
internal import Projections

extension Route {
  /// Answers that the server answers.
  static func health(_ services: Services) -> Route {
    Route("/healthz").get(.everybody) { request in
      try request.query.finish()
      return .json(.object([JSON.Member("status", .string("ok"))]))
    }
  }

  /// Answers whether the server can answer from the ledger, and how far its read models are behind.
  static func readiness(_ services: Services) -> Route {
    Route("/readyz").get(.everybody) { request in
      try request.query.finish()
      do {
        let lag = try await services.executor.read { session in
          try session.map { try LedgerLag($0) }
        }
        return .json(
          .object([
            JSON.Member("status", .string("ready")),
            JSON.Member("lag", .integer(lag?.events ?? 0)),
          ]))
      } catch let error as LedgerError {
        // Only those who may read the log are told where the ledger is, and what is wrong with it.
        services.observer.logger.error("not ready", metadata: ["error": .string("\(error)")])
        throw Problem(
          name: "not-ready", title: "Not ready", status: .serviceUnavailable,
          detail: "the ledger cannot be read; the server's log says why")
      }
    }
  }
}

/// The number of events that the read models have not folded yet.
struct LedgerLag {
  let events: Int64

  init(_ session: LedgerSession) throws(LedgerError) {
    events = max(0, try session.reader.head().seq - session.projections.position())
  }
}
