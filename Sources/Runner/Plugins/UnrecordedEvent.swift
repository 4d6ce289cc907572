internal import Documents
internal import Events
internal import Ledger

extension EventDocument {
  /// The document of an event that could not be recorded: it has no place and no digest.
  init(unrecorded event: NewEvent) {
    self.init(
      seq: nil, at: event.at, mono: event.mono, job: event.job, instance: event.instance, n: nil,
      kind: event.kind, data: (try? JSON(parsing: event.data)) ?? .object([]),
      payload: event.output?.payload, digest: nil)
  }
}
