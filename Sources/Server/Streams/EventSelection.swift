internal import Documents
internal import Events
internal import HTTPTypes

/// A selection of events, and the way in which somebody asks for them.
struct EventSelection: Sendable {
  static let mostWaited: Int64 = 600_000_000

  let after: Seq
  let patterns: [Pattern]
  let kinds: Set<String>
  let limit: Int64?
  /// True when the answer goes on with what happens.
  let follows: Bool
  /// True when the answer is server-sent events; else it is JSON Lines.
  let isEventStream: Bool
  /// The time for which to wait for the first event, microseconds.
  let wait: Int64?
  let grant: Grant

  init(_ request: ServerRequest) throws(Problem) {
    var query = request.query
    grant = request.grant
    isEventStream = Self.wantsEventStream(request.headers)
    let after = Seq(try query.takeCount("after", 0...999_999_999_999_999_999) ?? 0)
    // One that is no position is told in any case.
    let seen = try Self.lastID(request.headers)
    self.after = isEventStream ? seen ?? after : after
    patterns = query.takeAll("match").map { Pattern($0) }
    guard patterns.count <= 20, !patterns.contains(where: \.text.isEmpty) else {
      throw .badParameter("match", "", "accepted: up to 20 patterns, none of them empty")
    }
    let names = query.takeAll("kind")
    for name in names {
      guard case .unknown = EventKind(name: name) else { continue }
      throw .badParameter(
        "kind", name, "there is no such kind; man taro-json has those that there are")
    }
    kinds = Set(names)
    limit = try query.takeCount("limit", 1...1_000_000)
    follows = try query.takeFlag("follow") || isEventStream
    wait = try query.takeDuration("wait", atMost: Self.mostWaited)
    try query.finish()
  }

  /// Returns the position that somebody had seen before a connection broke.
  static func lastID(_ headers: HTTPFields) throws(Problem) -> Seq? {
    guard let text = headers[.lastEventID], !text.isEmpty else { return nil }
    guard let position = DigitText.number(text) else {
      throw .badParameter("Last-Event-ID", text, "accepted: a position")
    }
    return Seq(position)
  }

  static func wantsEventStream(_ headers: HTTPFields) -> Bool {
    wants("text/event-stream", headers)
  }

  /// Tells whether `Accept` names the type.
  static func wants(_ type: String, _ headers: HTTPFields) -> Bool {
    headers[values: .accept].joined(separator: ",").split(separator: ",").contains { part in
      part.drop { $0 == " " }.prefix { $0 != ";" && $0 != " " }.lowercased() == type
    }
  }

  func isWanted(_ event: Event) -> Bool {
    guard kinds.isEmpty || kinds.contains(event.kind.name) else { return false }
    guard let job = event.job else { return patterns.isEmpty && grant.seesAllJobs }
    guard let instance = event.instance else {
      // What is expected of a job, and what was not so.
      return (patterns.isEmpty || patterns.contains { $0.matches(job: job) })
        && grant.allows(job: job)
    }
    return patterns.matches(job: job, instance: instance) && grant.allows(job, instance)
  }

  /// The event as it is sent.
  func text(_ event: Event) -> String {
    let document = EventDocument(event).json.text
    return isEventStream ? "id: \(event.seq)\ndata: \(document)\n\n" : document + "\n"
  }

  var contentType: String {
    isEventStream ? "text/event-stream" : "application/x-ndjson"
  }
}

extension HTTPField.Name {
  static let lastEventID = named("Last-Event-ID")
}
