internal import Documents
internal import Events
internal import NIOCore
internal import Operations
internal import Projections

extension Route {
  /// Answers with who ran when: the document of `taro timeline`.
  static func timeline(_ services: Services) -> Route {
    Route("/timeline").get { request in
      let now = WallTime.now
      var parameters = request.query
      var query = InstanceQuery(.all)
      query.patterns = try InstanceParameters.patterns(&parameters)
      query.visible = request.grant.jobs
      let until = try parameters.takeTime("until", now: now) ?? now
      let since = try parameters.takeTime("since", now: now) ?? until - day
      try parameters.finish()
      guard since < until else {
        throw Problem.badParameter(
          "since", Timestamp.rfc3339(since),
          "it has to be before until, \(Timestamp.rfc3339(until))")
      }
      let wanted = query
      let positions = try await services.executor.search { session in
        try session.map { try Timeline($0).positions(wanted, in: since..<until) } ?? []
      }
      let links = HAL.links([HAL.Link("self", request.target)]).value.text
      return .stream(type: "application/hal+json") { writer in
        try await writer.write(
          "{\"_links\":\(links),\"since\":\"\(Timestamp.rfc3339(since))\","
            + "\"until\":\"\(Timestamp.rfc3339(until))\",\"runs\":[")
        var rest = positions[...]
        var isFirst = true
        while !rest.isEmpty {
          let wanted = rest.prefix(Timeline.atOnce)
          rest = rest.dropFirst(wanted.count)
          let texts = try await services.executor.read { session -> [String] in
            try session.map { try Timeline($0).documents(at: wanted).map(\.json.text) } ?? []
          }
          guard !texts.isEmpty else { continue }
          try await writer.write((isFirst ? "" : ",") + texts.joined(separator: ","))
          isFirst = false
        }
        try await writer.write("]}")
      }
    }
  }

  private static let day: Int64 = 86_400_000_000
}
