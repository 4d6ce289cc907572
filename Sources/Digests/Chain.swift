package import Events

/// The chain of digests: each event's covers the event and its predecessor's, so that no event can be changed,
/// dropped, added or moved without every later digest being wrong. docs/format.md has the encoding.
package enum Chain {
  /// Returns the digest that stands before the first event of a ledger.
  package static func genesis(ledgerID: String) -> Digest {
    Digest(of: Array("taro ledger \(ledgerID)".utf8))
  }

  package static func digest(
    previous: Digest, seq: Seq, at: WallTime, mono: BootTime, job: String?, instance: String?,
    n: Int64?, kind: String, data: String, payload: Digest?
  ) -> Digest {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(192 + data.utf8.count)
    previous.append(to: &bytes)
    append(seq.number, to: &bytes)
    append(at.microseconds, to: &bytes)
    append(mono.microseconds, to: &bytes)
    append(job, to: &bytes)
    append(instance, to: &bytes)
    append(n ?? 0, to: &bytes)
    append(kind, to: &bytes)
    append(data, to: &bytes)
    payload?.append(to: &bytes)
    return Digest(of: bytes)
  }

  /// Returns the digest that this event must have, after that one.
  package static func digest(of event: Event, after previous: Digest) -> Digest {
    digest(
      previous: previous, seq: event.seq, at: event.at, mono: event.mono, job: event.job,
      instance: event.instance?.text, n: event.n, kind: event.kind.name, data: event.data,
      payload: event.payload)
  }

  private static func append(_ value: Int64, to bytes: inout [UInt8]) {
    unsafe withUnsafeBytes(of: value.bigEndian) { unsafe bytes.append(contentsOf: $0) }
  }

  /// The length comes first, so that no two events have the same encoding; -1 stands for NULL.
  private static func append(_ text: String?, to bytes: inout [UInt8]) {
    guard let text else { return append(-1, to: &bytes) }
    append(Int64(text.utf8.count), to: &bytes)
    bytes.append(contentsOf: text.utf8)
  }
}
