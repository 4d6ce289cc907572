/// An event as it stands in the ledger.
package struct Event: Equatable, Sendable {
  /// Position in the ledger's one stream, from 1, gapless.
  package let seq: Int64
  /// When it happened, microseconds since 1970, UTC.
  package let at: Int64
  /// When it happened, microseconds since boot: durations come from it.
  package let mono: Int64
  package let job: String?
  package let instance: InstanceID?
  /// Position within the instance, from 1, gapless.
  package let n: Int64?
  package let kind: EventKind
  /// JSON, as written.
  package let data: String
  /// The SHA-256 of the output bytes, of an output event.
  package let payload: Digest?
  /// The digest over the event and all before it.
  package let digest: Digest

  package init(
    seq: Int64, at: Int64, mono: Int64, job: String?, instance: InstanceID?, n: Int64?,
    kind: EventKind, data: String, payload: Digest?, digest: Digest
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

  /// True when this is that event, appended: it may have been dated later then (`dated(after:)`).
  package func isSame(as new: NewEvent) -> Bool {
    new.isDated(at: at, mono: mono) && kind == new.kind && instance == new.instance
      && job == new.job && payload == new.output?.payload && data == new.data
  }

  /// The data as a value; damaged JSON reads as an empty object.
  package var json: JSON { (try? JSON(parsing: data)) ?? .object([]) }
}

/// An event on its way into the ledger.
package struct NewEvent: Sendable {
  package var at: Int64
  package var mono: Int64
  package var job: String?
  package var instance: InstanceID?
  package var kind: EventKind
  package var data: String
  /// The bytes of an output event.
  package var output: EncodedOutput?

  package init(
    at: Int64, mono: Int64, job: String?, instance: InstanceID?, kind: EventKind, data: JSON,
    output: EncodedOutput? = nil
  ) {
    self.at = at
    self.mono = mono
    self.job = job
    self.instance = instance
    self.kind = kind
    self.data = data.text
    self.output = output
  }

  /// True when it is the same happening, output aside.
  package func tellsTheSame(as other: NewEvent) -> Bool {
    at == other.at && mono == other.mono && kind == other.kind && instance == other.instance
      && data == other.data
  }
}
