internal import Documents
internal import Events
internal import Ledger
internal import Operations
internal import Projections

extension Route {
  /// One instance.
  static func instance(_ services: Services) -> Route {
    Route("/instances/{id}").get { request in
      try request.query.finish()
      let (name, grant) = (request["id"], request.grant)
      let json = try await services.executor.read { session in
        let record = try grant.instance(named: name, in: session)
        guard let session else { throw Problem.mistake }
        return try InstanceRepresentation(session, waits: record.waitCause != nil).json(record)
      }
      return .hal(json)
    }
  }

  /// The events of an instance, as far as there are any now.
  static func instanceEvents(_ services: Services) -> Route {
    Route("/instances/{id}/events").get { request in
      try request.query.finish()
      let (name, grant) = (request["id"], request.grant)
      let instance = try await services.executor.read { session in
        try grant.instance(named: name, in: session).instance
      }
      return .stream(type: "application/x-ndjson") { writer in
        var position: Int64 = 0
        while true {
          let after = position
          let events = try await services.executor.read { session in
            try session.map { try SettledEvents.of(instance, after: after, in: $0.reader) } ?? []
          }
          guard let last = events.last?.n else { return }
          position = last
          try await writer.write(events.map { EventDocument($0).json.text + "\n" }.joined())
        }
      }
    }
  }
}

/// Events that are on disk.
private enum SettledEvents {
  private static let batch = 500

  static func of(
    _ instance: InstanceID, after n: Int64, in reader: LedgerReader
  ) throws(LedgerError) -> [Event] {
    var events = try reader.events(of: instance, after: n, withOutput: true, limit: batch)
    let durable = DurableFollower(reader)
    // It does not wait for more.
    while let last = events.last, !durable.isOnDisk(last) { events.removeLast() }
    return events
  }
}
