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
      let until = try parameters.takeTime("until", now: now)
      let since = try parameters.takeTime("since", now: now)
      let moment = try parameters.takeMoment(now: now)
      try parameters.finish()
      let wanted = query
      let (positions, time) = try await services.executor.search { present in
        let session = try present.at(moment)
        let time = try range(since, until ?? (moment == nil ? now : session?.moment.wall ?? now))
        return (try session.map { try Timeline($0).positions(wanted, in: time) } ?? [], time)
      }
      let links = HAL.links([HAL.Link("self", request.target)]).value.text
      return .stream(type: "application/hal+json") { writer in
        try await writer.write(
          "{\"_links\":\(links),\"since\":\"\(Timestamp.rfc3339(time.lowerBound))\","
            + "\"until\":\"\(Timestamp.rfc3339(time.upperBound))\",\"runs\":[")
        var rest = positions[...]
        var isFirst = true
        while !rest.isEmpty {
          let wanted = rest.prefix(Timeline.atOnce)
          rest = rest.dropFirst(wanted.count)
          let texts = try await services.executor.read { present -> [String] in
            try present.at(moment).map { try Timeline($0).documents(at: wanted).map(\.json.text) }
              ?? []
          }
          guard !texts.isEmpty else { continue }
          try await writer.write((isFirst ? "" : ",") + texts.joined(separator: ","))
          isFirst = false
        }
        try await writer.write("]}")
      }
    }
  }

  private static func range(
    _ since: WallTime?, _ until: WallTime
  ) throws(Problem) -> Range<WallTime> {
    let since = since ?? until - day
    guard since < until else {
      throw .badParameter(
        "since", Timestamp.rfc3339(since),
        "it has to be before until, \(Timestamp.rfc3339(until))")
    }
    return since..<until
  }

  private static let day: Int64 = 86_400_000_000
}
