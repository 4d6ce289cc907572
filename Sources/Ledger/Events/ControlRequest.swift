/// Somebody's wish that an instance end: the data of `stop_requested` and `interrupt_requested`.
package struct ControlRequest: Equatable, Sendable {
  /// How the wish arrived.
  package enum Way: String, CaseIterable, Sendable { case cli, rest, ssh, signal }

  package var user = ""
  package var uid: Int64 = 0
  /// The process that asked; 0 when the kernel did, as for a key on the terminal.
  package var pid: Int64 = 0
  package var host = ""
  package var via = Way.cli
  package var reason: String?
  /// The signal that the job is to get, without SIG.
  package var signal = "TERM"

  package init() {}

  package init(_ json: JSON) {
    user = json["user"]?.string ?? ""
    uid = json["uid"]?.integer ?? 0
    pid = json["pid"]?.integer ?? 0
    host = json["host"]?.string ?? ""
    via = json["via"]?.string.flatMap(Way.init) ?? .cli
    reason = json["reason"]?.string
    signal = json["signal"]?.string ?? "TERM"
  }

  package var json: JSON {
    .object(omittingNil: [
      ("user", .string(user)), ("uid", .integer(uid)), ("pid", .integer(pid)),
      ("host", .string(host)), ("via", .string(via.rawValue)),
      ("reason", reason.map { .string($0) }), ("signal", .string(signal)),
    ])
  }
}

/// Something about a run that somebody wanted to be told: the data of a `warning` event.
package struct Warning: Equatable, Sendable {
  package enum Kind: String, CaseIterable, Sendable { case time, output, silence }

  package var kind: Kind
  /// What was asked for, for instance the time or the expression.
  package var text: String
  /// How often it has happened in this run so far.
  package var count: Int64
  /// The last line that matched.
  package var last: String?

  package init(kind: Kind, text: String, count: Int64, last: String? = nil) {
    self.kind = kind
    self.text = text
    self.count = count
    self.last = last
  }

  package init(_ json: JSON) {
    kind = json["type"]?.string.flatMap(Kind.init) ?? .output
    text = json["text"]?.string ?? ""
    count = json["count"]?.integer ?? 1
    last = json["last"]?.string
  }

  package var json: JSON {
    .object(omittingNil: [
      ("type", .string(kind.rawValue)), ("text", .string(text)), ("count", .integer(count)),
      ("last", last.map { .string($0) }),
    ])
  }
}
