internal import Events
internal import SQLite

/// The writer asks whether the ledger is the one that it says it is.
extension LedgerWriter {
  /// Gives the ledger a new id where it is a copy, or has lost events. Inside the queue.
  /// - Returns: whether that has appended something.
  func identify(_ notes: QueueNotes) throws(LedgerError) -> Bool {
    guard !isIdentified else { return false }
    var hasAppended = false
    if try needsIdentity(notes) {
      let cause = try causeOfIdentity(notes)
      if cause == .wentBack || cause == .otherFile {
        expected = nil
        files.queue.file.forgetDurableHead()
      }
      (_, hasAppended) = try transaction { turn throws(LedgerError) in
        try turn.identify(cause, place)
      }
    }
    // Another may have done it meanwhile.
    try reader.readIdentity()
    isIdentified = true
    return hasAppended
  }

  func needsIdentity(_ notes: QueueNotes) throws(LedgerError) -> Bool {
    if try storedPlace() == nil { return true }
    return try causeOfIdentity(notes) != nil
  }

  func storedPlace() throws(LedgerError) -> LedgerPlace? {
    do throws(SQLiteError) { return try LedgerIdentity(reader.connection).place } catch {
      throw LedgerError(error, directory.path)
    }
  }

  func causeOfIdentity(_ notes: QueueNotes) throws(LedgerError) -> Identified.Cause? {
    switch try Continuity.of(reader, notes, place) {
    case .whole: break
    case .wentBack: return .wentBack
    case .missing(let events):
      guard events.cause == .powerCut else {
        throw .damaged(path: directory.path, reason: events.description)
      }
      return .wentBack
    }
    guard let place, let there = try storedPlace() else { return nil }
    return LedgerPlace(place.file).difference(from: there)
  }
}
