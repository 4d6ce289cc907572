internal import Events
internal import HTTPTypes
internal import Operations
internal import Projections

extension Route {
  /// Instances, a page at a time.
  static func instances(_ services: Services) -> Route {
    Route("/instances").get { request in
      let selection = try InstanceSelection(request)
      let found = try await services.executor.read { session in
        try session.map { session in
          let page = try selection.page(session)
          let waits = page.records.contains { $0.waitCause != nil }
          let representation = try InstanceRepresentation(session, waits: waits)
          return Found(
            instances: page.records.map { representation.json($0) },
            jobs: Set(page.records.map(\.job)).sorted(), next: page.next)
        }
      }
      return Self.list(found ?? Found(instances: [], jobs: [], next: nil), selection)
    }
  }

  private struct Found: Sendable {
    let instances: [JSON]
    let jobs: [String]
    let next: InstanceCursor?
  }

  private static func list(_ found: Found, _ selection: InstanceSelection) -> Answer {
    let jobs = found.jobs.map { job in
      HAL.document(
        .object([JSON.Member("job", .string(job)), JSON.Member("properties", .object([]))]),
        [HAL.Link("self", "/jobs/\(PercentCoding.encode(job))")])
    }
    var links = [HAL.Link("self", selection.link("/instances"))]
    let next = found.next.map { selection.link("/instances", next: $0) }
    if let next { links.append(HAL.Link("next", next)) }
    var answer = Answer.hal(
      .object([
        HAL.links(links),
        JSON.Member(
          "_embedded",
          .object([
            JSON.Member("instances", .array(found.instances)), JSON.Member("jobs", .array(jobs)),
          ])),
      ]))
    if let next { answer.headers[.link] = "<\(next)>; rel=\"next\"" }
    return answer
  }
}

extension HTTPField.Name {
  fileprivate static let link = named("Link")
}
