package import Events

/// One event of the ledger, every field of it. Of an event that could not be recorded yet `seq`, `n` and `digest` are nil.
package struct EventDocument: Equatable, Sendable {
  package var seq: Seq?
  package var at: WallTime
  package var mono: BootTime
  package var job: String?
  package var instance: InstanceID?
  package var n: Int64?
  package var kind: EventKind
  package var data: JSON
  /// The SHA-256 of the bytes of output.
  package var payload: Digest?
  package var digest: Digest?

  package init(
    seq: Seq?, at: WallTime, mono: BootTime, job: String?, instance: InstanceID?, n: Int64?,
    kind: EventKind, data: JSON, payload: Digest?, digest: Digest?
  ) {
    self.seq = seq
    self.at = at
    self.mono = mono
    self.job = job
    self.instance = instance
    self.n = n
    self.kind = kind
    self.data = data
    self.payload = payload
    self.digest = digest
  }

  package init(_ event: Event) {
    self.init(
      seq: event.seq, at: event.at, mono: event.mono, job: event.job, instance: event.instance,
      n: event.n, kind: event.kind, data: event.json, payload: event.payload, digest: event.digest)
  }

  package var json: JSON {
    JSON(document: [
      ("seq", .position(seq)), ("at", .time(at)), ("mono", .microseconds(mono)),
      ("job", .text(job)),
      ("instance", .text(instance?.text)), ("n", .count(n)), ("kind", .string(kind.name)),
      ("data", data), ("payload", .text(payload?.description)),
      ("digest", .text(digest?.description)),
    ])
  }

  package init(_ json: JSON) throws(DocumentError) {
    let fields = try DocumentFields(json)
    self.init(
      seq: try fields.position("seq"), at: try fields.time("at"), mono: try fields.bootTime("mono"),
      job: try fields.text("job"),
      instance: try fields.text("instance").flatMap { InstanceID($0) },
      n: try fields.count("n"), kind: EventKind(name: try fields.string("kind")),
      data: .object(try fields.members("data")),
      payload: try fields.text("payload").flatMap { Digest(hexadecimal: $0) },
      digest: try fields.text("digest").flatMap { Digest(hexadecimal: $0) })
  }
}
