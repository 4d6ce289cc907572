internal import Events
import Ledger
import TestSupport

/// Short histories, written out.
enum History {
  static func event(
    _ instance: InstanceID, _ kind: EventKind, _ data: JSON = .object([]), job: String = "job",
    at: Int64 = 1_700_000_000_000_000, mono: Int64 = 42_000_000, output: EncodedOutput? = nil
  ) -> NewEvent {
    NewEvent(
      at: at, mono: mono, job: job, instance: instance, kind: kind, data: data, output: output)
  }

  /// Appends an instance that goes through these states after CREATED.
  static func append(
    _ id: String, job: String = "job", _ states: RunState..., to writer: LedgerWriter
  ) throws {
    guard let instance = InstanceID(id) else { throw NoInstanceID(text: id) }
    try writer.append(
      ([.created] + states).map { event(instance, .state($0), job: job) })
  }

  struct NoInstanceID: Error { let text: String }
}
