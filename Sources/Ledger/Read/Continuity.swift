package import Events
internal import Linux

/// Events that ledger.lock knows of, and the ledger has no more.
package struct MissingEvents: Equatable, Sendable, CustomStringConvertible {
  package enum Cause: Sendable {
    /// They were on disk, or no power cut came between: nothing but damage takes such events.
    case damage
    /// They had not been put on disk when another boot began, and nobody had been told that they were.
    case powerCut
  }

  package let first: Seq
  package let last: Seq
  package let cause: Cause
  /// The last event that was appended is not there, and at its position stands another.
  package var isAnother = false

  package var description: String {
    guard !isAnother else { return "event \(last) is not the one that was written" }
    let (events, are, them, had) =
      first == last
      ? ("event \(first)", "is", "it", "it had")
      : ("events \(first) to \(last)", "are", "them", "they had")
    switch cause {
    case .damage: return "\(events) \(are) missing, though \(had) been written"
    case .powerCut:
      return
        "\(events) \(are) not there any more: a power cut took \(them) before \(had) been acknowledged"
    }
  }
}

/// A ledger is compared with what ledger.lock says of it.
package enum Continuity: Equatable {
  case whole
  /// It is another file than the one whose events were noted, or an earlier taro noted them: an older state was put back.
  case wentBack
  case missing(MissingEvents)

  /// - Parameter notes: read before the ledger was, for a head is noted after its commit.
  package static func of(
    _ reader: LedgerReader, _ notes: QueueNotes, _ place: @autoclosure () -> NotedPlace?
  ) throws(LedgerError) -> Continuity {
    // Where the note of the last event does not fit, that of the last one on disk proves what it proves.
    guard let noted = notes.lastKnown, try !reader.has(noted) else { return .whole }
    // The notes are still those of the ledger that was put aside.
    guard reader.begun(after: notes) == nil else { return .whole }
    // What was copied over the file brings the place with it that it was copied from.
    guard let place = place(), notes.isOf(place.file),
      reader.place.map({ $0.file.isSame(as: place.file) }) ?? true
    else { return .wentBack }
    // The page cache does not lose what was written, on disk or not.
    let isOfSession = notes.session != 0 && notes.session == place.session
    let losesDurable = if let head = notes.durableHead { try !reader.has(head) } else { false }
    let last = try reader.head().seq
    return .missing(
      MissingEvents(
        first: last < noted.seq ? last + 1 : noted.seq, last: noted.seq,
        cause: isOfSession || losesDurable ? .damage : .powerCut, isAnother: last >= noted.seq))
  }

  /// The ways in which a ledger has no events at all.
  package enum Emptiness: String {
    case gone = "ledger.db is gone"
    case empty = "ledger.db is empty"
    case unmade = "nothing in ledger.db can be found"

    /// Returns the fault in that; nil where the ledger has never had any events.
    package func error(_ notes: QueueNotes, _ directory: LedgerDirectory) -> LedgerError? {
      if let name = directory.interrupted(notes) {
        return .interrupted(path: directory.path, file: name)
      }
      if let head = notes.lastKnown {
        let events = MissingEvents(first: .first, last: head.seq, cause: .damage)
        return .damaged(path: directory.path, reason: "\(rawValue): \(events)")
      }
      guard !notes.damaged.contains(.head) else {
        return .damaged(
          path: directory.path,
          reason: "\(rawValue), and ledger.lock, which says what was in it, is damaged")
      }
      guard self != .unmade, directory.hasOrphanedWAL else { return nil }
      return .damaged(path: directory.path, reason: "\(rawValue), and its WAL is not")
    }
  }
}

extension LedgerReader {
  /// Tells whether that event is there, or was and has been dropped by retention.
  package func has(_ position: ChainPosition) throws(LedgerError) -> Bool {
    if try digest(at: position.seq) == position.digest { return true }
    return try isDropped(position.seq)
  }
}
