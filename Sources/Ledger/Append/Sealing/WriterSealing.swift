package import Events
internal import Linux

/// The writer's last step when another ledger has the place of a damaged one: it says so.
extension LedgerWriter {
  /// Ends what somebody has begun who was killed when the new ledger had its name. Inside the queue.
  func settleSealing(_ notes: QueueNotes) throws(LedgerError) -> QueueNotes {
    // Whoever made it lives, and has only to say so.
    guard notes.sealing != nil || notes.damaged.contains(.sealing), sealed == nil,
      files.queue.file.claimSealing()
    else { return notes }
    guard let begun = reader.begun(after: notes) else {
      // It was killed before it did anything.
      files.queue.file.noteSealing(nil)
      files.queue.file.disclaimSealing()
      return try files.queue.file.read()
    }
    LedgerSuccession.removeWorkshop(directory)
    if let place, notes.file.map({ !$0.isSame(as: place.file) }) ?? true {
      do throws(SystemCallError) { try LedgerDirectory.sync(directory.path) } catch {
        throw LedgerError(error, directory.path)
      }
      try LedgerSuccession.noteHead(of: reader, in: files.queue)
    }
    if recovery != nil { sealed = begun } else { files.queue.file.disclaimSealing() }
    return try files.queue.file.read()
  }

  /// Takes note that a person has been told what was put aside. One turn in the queue.
  package func sealingWasSaid(_ said: SealedLedger, queueMilliseconds: Int? = nil) {
    guard (try? enterQueue(queueMilliseconds)) != nil else { return }
    defer { files.queue.leave() }
    // Where that is not the name, another is being put aside.
    if let name = directory.sealing(files.queue.notes), said.file.isEmpty || said.file == name {
      files.queue.file.noteSealing(nil)
    }
    files.queue.file.disclaimSealing()
  }
}
