package import Events

/// Reads a ledger that was found damaged, when it is put aside: whoever opens a ledger and has this puts a damaged one
/// aside and goes on with another. Called inside the append queue, where others wait: no call takes more than a few seconds.
package protocol DamageRecovery: Sendable {
  /// The one in whose name a damaged ledger is put aside: asked only then.
  var requester: Requester { get }

  /// Says whose ledger stands at that path, and how far it is good. As much as can be read in time.
  func survey(_ path: String, into sealed: inout SealedLedger)

  /// Returns the position of the last event of the ledger at that path; 0 where none can be read.
  func end(of path: String) -> Seq

  /// Makes a ledger out of what can be read of a sealed one.
  /// - Parameters:
  ///   - path: where the sealed one stands.
  ///   - notes: what is known of the events that it had.
  ///   - directory: not there yet.
  /// - Returns: what the new ledger begins with; nil where too little can be read, or not in time.
  func restore(
    _ sealed: SealedLedger, at path: String, known notes: QueueNotes, in directory: LedgerDirectory
  ) throws(LedgerError) -> Recovered?
}
