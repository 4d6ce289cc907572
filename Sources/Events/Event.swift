/// An event as it stands in the ledger.
package struct Event: Equatable, Sendable {
  package let seq: Seq
  /// The time at which it happened.
  package let at: WallTime
  /// The time at which it happened: durations come from it.
  package let mono: BootTime
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
    seq: Seq, at: WallTime, mono: BootTime, job: String?, instance: InstanceID?, n: Int64?,
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

  /// The data as a value; damaged JSON reads as an empty object.
  package var json: JSON { (try? JSON(parsing: data)) ?? .object([]) }
}
