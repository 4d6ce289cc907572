package import Events

/// A line of an output that somebody has looked for, or one beside it.
package struct HitDocument: Equatable, Sendable {
  package var job: String
  package var instance: InstanceID
  package var stream: OutputStream
  /// The time at which the line's first byte was read.
  package var at: WallTime
  /// Without its line feed.
  package var line: String
  /// False where it is there for the lines around it.
  package var isHit: Bool
  /// Only a piece of the line, which is too long.
  package var isCut: Bool
  /// The pieces that were found in it.
  package var matches: [String]

  package init(
    job: String, instance: InstanceID, stream: OutputStream, at: WallTime, line: String,
    isHit: Bool,
    isCut: Bool, matches: [String]
  ) {
    self.job = job
    self.instance = instance
    self.stream = stream
    self.at = at
    self.line = line
    self.isHit = isHit
    self.isCut = isCut
    self.matches = matches
  }

  package var json: JSON {
    JSON(document: [
      ("job", .string(job)), ("instance", .string(instance.text)), ("at", .time(at)),
      ("stream", .string(stream.name)), ("line", .string(line)), ("hit", .bool(isHit)),
      ("cut", .bool(isCut)), ("matches", .array(matches.map { .string($0) })),
    ])
  }

  package init(_ json: JSON) throws(DocumentError) {
    let fields = try DocumentFields(json)
    job = try fields.string("job")
    instance = try fields.named("instance", "instance id") { InstanceID($0) }
    at = try fields.time("at")
    stream = try fields.named("stream", "stream") { OutputStream(name: $0) }
    line = try fields.string("line")
    isHit = try fields.bool("hit")
    isCut = try fields.bool("cut")
    matches = try fields.strings("matches")
  }
}

/// The number of lines of an instance's output that somebody has looked for.
package struct HitCountDocument: Equatable, Sendable {
  package var job: String
  package var instance: InstanceID
  package var state: InstanceState
  package var createdAt: WallTime
  /// The number; nil where only the first was looked for.
  package var lines: Int64?

  package init(
    job: String, instance: InstanceID, state: InstanceState, createdAt: WallTime, lines: Int64?
  ) {
    self.job = job
    self.instance = instance
    self.state = state
    self.createdAt = createdAt
    self.lines = lines
  }

  package var json: JSON {
    JSON(document: [
      ("job", .string(job)), ("instance", .string(instance.text)),
      ("state", .string(state.rawValue)), ("created_at", .time(createdAt)),
      ("lines", .count(lines)),
    ])
  }

  package init(_ json: JSON) throws(DocumentError) {
    let fields = try DocumentFields(json)
    job = try fields.string("job")
    instance = try fields.named("instance", "instance id") { InstanceID($0) }
    state = try fields.named("state", "state that this version knows") { InstanceState(name: $0) }
    createdAt = try fields.time("created_at")
    lines = try fields.count("lines")
  }
}
