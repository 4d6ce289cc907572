package import Events
package import Ledger

/// Following events from where the listener of a name stopped.
package struct NamedListening: ~Copyable {
  private let session: LedgerSession
  private var checkpoint: ListenerCheckpoint
  /// Events behind where it begins that retention has dropped.
  package let droppedCount: Int64

  /// Takes the name.
  /// - Throws: `ListenerCheckpoint.Refusal` when somebody has it, `LedgerError`: also where the ledger has lost events,
  ///   for what it has come to is not to be forgotten over a ledger that is put aside soon.
  package init(_ name: String, in session: LedgerSession) throws {
    if let missing = session.missing {
      throw LedgerError.damaged(path: session.directory.path, reason: missing.description)
    }
    let checkpoint = try ListenerCheckpoint(name, of: session.reader)
    droppedCount = try session.reader.droppedCount(after: checkpoint.start.position)
    self.session = session
    self.checkpoint = checkpoint
  }

  /// The place where it begins, and why.
  package var start: ListenerCheckpoint.Start { checkpoint.start }

  /// Saves that everything up to this event has been given out; on disk when it returns.
  /// - Throws: `ListenerCheckpoint.Refusal`, `LedgerError`.
  package mutating func save(upTo event: Event) throws {
    try checkpoint.save(upTo: event, of: session.reader)
  }
}
