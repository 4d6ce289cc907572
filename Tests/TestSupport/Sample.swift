import Digests
package import Events
package import Ledger
internal import Linux

/// Events and checks that many tests of the ledger need.
package enum Sample {
  package static func event(
    _ instance: InstanceID?, _ kind: EventKind = .state(.created), _ data: JSON = .object([]),
    at: WallTime = 1_700_000_000_000_000, output: EncodedOutput? = nil
  ) -> NewEvent {
    NewEvent(
      at: at, mono: 42_000_000, job: "job", instance: instance, kind: kind, data: data,
      output: output)
  }

  package static func newID() -> InstanceID { InstanceID(createdAt: WallTime.now) }

  /// Appends one event in a turn of its own.
  @discardableResult
  package static func append(
    _ event: NewEvent, to writer: LedgerWriter, _ position: InstancePosition = .next,
    durable: Bool = false, queueMilliseconds: Int? = nil
  ) throws(LedgerError) -> Seq {
    try writer.turn(
      durable: durable, queueMilliseconds: queueMilliseconds
    ) { turn throws(LedgerError) in
      try turn.append(event, position)
    }
  }

  package static func chunk(_ bytes: [UInt8]) -> EncodedOutput {
    let half = bytes.count / 2
    let runs = [
      OutputSegment(stream: .stdout, offset: 0, length: half),
      OutputSegment(stream: .stderr, offset: 1500, length: bytes.count - half),
    ]
    return bytes.withUnsafeBytes { EncodedOutput($0, runs: runs) }
  }

  /// The first position whose event does not fit, nil when all do: seq without a gap, each instance's n without a
  /// gap, every digest, every chunk against its payload.
  package static func firstMisfit(in reader: LedgerReader) throws -> Seq? {
    var digest = Chain.genesis(ledgerID: reader.originID)
    var last: [InstanceID: Int64] = [:]
    var seq = Seq.start
    while true {
      let events = try reader.events(after: seq, limit: 1000)
      guard !events.isEmpty else { return nil }
      for event in events {
        guard event.seq == seq + 1, event.digest == Chain.digest(of: event, after: digest) else {
          return event.seq
        }
        if let instance = event.instance {
          guard event.n == last[instance, default: 0] + 1 else { return event.seq }
          last[instance] = event.n
          if let payload = event.payload, let n = event.n {
            let stored = try reader.output(of: instance, after: n - 1, before: n + 1, limit: 1)
            guard let chunk = stored.first?.chunk, Digest(of: chunk.bytes) == payload else {
              return event.seq
            }
          }
        }
        (seq, digest) = (event.seq, event.digest)
      }
    }
  }
}
