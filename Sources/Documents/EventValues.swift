internal import Events

// Values of events as documents show them: every field, seconds and times in place of microseconds.

extension Requester {
  /// Part of the document of what was asked for.
  var document: [(String, JSON?)] {
    [
      ("user", .string(user)), ("uid", .integer(uid)), ("pid", pid == 0 ? nil : .integer(pid)),
      ("host", .string(host)), ("via", .string(via.rawValue)), ("reason", .text(reason)),
      ("token", .text(token)), ("address", .text(address)),
    ]
  }

  init(_ fields: DocumentFields) throws(DocumentError) {
    self.init()
    user = try fields.string("user")
    uid = try fields.integer("uid")
    pid = try fields.count("pid") ?? 0
    host = try fields.string("host")
    via = try fields.named("via", "way that this version knows") { Way(rawValue: $0) }
    reason = try fields.text("reason")
    token = try fields.text("token")
    address = try fields.text("address")
  }
}

extension Gates {
  var document: JSON {
    JSON(document: [
      ("delay_seconds", .seconds(delay)), ("not_before", .time(notBefore)),
      ("latch", .text(latch)), ("after", .strings(after)),
      ("after_success", .strings(afterSuccess)), ("depends_on", .strings(dependsOn)),
      ("no_overlap", .bool(noOverlap)), ("limit", .count(limit)), ("replace", .bool(replaces)),
      ("not_within_seconds", .seconds(notWithin)), ("give_up_after_seconds", .seconds(patience)),
    ])
  }

  init(_ fields: DocumentFields) throws(DocumentError) {
    self.init()
    delay = try fields.duration("delay_seconds")
    notBefore = try fields.moment("not_before")
    latch = try fields.text("latch")
    after = try fields.strings("after")
    afterSuccess = try fields.strings("after_success")
    dependsOn = try fields.strings("depends_on")
    noOverlap = try fields.bool("no_overlap")
    limit = try fields.count("limit")
    replaces = try fields.bool("replace", before: false)
    notWithin = try fields.duration("not_within_seconds")
    patience = try fields.duration("give_up_after_seconds")
  }
}

extension Warning {
  var document: JSON {
    JSON(document: [
      ("type", .string(kind.rawValue)), ("text", .string(text)), ("count", .integer(count)),
      ("last", .text(last)), ("unmatched_bytes", .integer(unmatchedBytes)),
    ])
  }

  init(_ fields: DocumentFields) throws(DocumentError) {
    self.init(
      kind: try fields.named("type", "type that this version knows") { Kind(rawValue: $0) },
      text: try fields.string("text"), count: try fields.integer("count"),
      last: try fields.text("last"), unmatchedBytes: try fields.integer("unmatched_bytes"))
  }
}

extension Progress {
  var document: JSON {
    let known = json
    return JSON(document: ["done", "total", "percent"].map { ($0, known[$0]) })
  }
}

extension Ending.Evidence {
  var document: JSON {
    JSON(document: [
      ("last_sign_of_life", .time(lastSignOfLife)), ("child_running", .bool(childRunning)),
      ("child_unseen", .bool(childUnseen)), ("rebooted", .bool(rebooted)),
    ])
  }

  init(_ fields: DocumentFields) throws(DocumentError) {
    self.init(
      lastSignOfLife: try fields.time("last_sign_of_life"),
      childRunning: try fields.bool("child_running"),
      childUnseen: try fields.bool("child_unseen"), rebooted: try fields.bool("rebooted"))
  }
}

extension Ending.Usage {
  /// The kernel's blocks, whatever the file system's are (getrusage(2)).
  private static let blockBytes: Int64 = 512

  var document: JSON {
    JSON(document: [
      ("user_seconds", .seconds(userMicroseconds)),
      ("system_seconds", .seconds(systemMicroseconds)), ("max_rss_bytes", .count(maxRSSBytes)),
      ("max_rss_below_bytes", .count(maxRSSBelowBytes)),
      ("read_bytes", .integer(blocksIn &* Self.blockBytes)),
      ("written_bytes", .integer(blocksOut &* Self.blockBytes)),
    ])
  }

  init(_ fields: DocumentFields) throws(DocumentError) {
    self.init(
      userMicroseconds: try fields.duration("user_seconds") ?? 0,
      systemMicroseconds: try fields.duration("system_seconds") ?? 0,
      maxRSSBytes: try fields.count("max_rss_bytes"),
      maxRSSBelowBytes: try fields.count("max_rss_below_bytes"),
      blocksIn: try fields.integer("read_bytes", before: 0) / Self.blockBytes,
      blocksOut: try fields.integer("written_bytes", before: 0) / Self.blockBytes)
  }
}
