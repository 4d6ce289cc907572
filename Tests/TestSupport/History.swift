package import Events
package import Ledger

/// Short histories, written out.
package enum History {
  package static func event(
    _ instance: InstanceID, _ kind: EventKind, _ data: JSON = .object([]), job: String = "job",
    at: WallTime = 1_700_000_000_000_000, mono: BootTime = 42_000_000, output: EncodedOutput? = nil
  ) -> NewEvent {
    NewEvent(
      at: at, mono: mono, job: job, instance: instance, kind: kind, data: data, output: output)
  }

  /// Appends an instance that goes through these states after CREATED.
  package static func append(
    _ id: String, job: String = "job", _ states: InstanceState..., to writer: LedgerWriter
  ) throws {
    guard let instance = InstanceID(id) else { throw NoInstanceID(text: id) }
    try writer.append(
      ([.created] + states).map { event(instance, .state($0), job: job) })
  }

  package struct NoInstanceID: Error { package let text: String }
}

extension LedgerWriter {
  /// Appends in one turn, not waiting for the disk.
  package func append(_ events: [NewEvent]) throws(LedgerError) {
    _ = try turn(durable: false) { turn throws(LedgerError) in
      for event in events { try turn.append(event) }
    }
  }
}
