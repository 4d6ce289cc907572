package import Events

/// The notes in ledger.lock, read at once: what those who append to one ledger tell each other, and the evidence by which
/// a ledger that has lost something is noticed. `QueueLayout` says how it stands there.
package struct QueueNotes: Equatable, Sendable {
  /// The number of times that the WAL was checkpointed. Only a change of it counts, so it has no checksum.
  package var checkpoints: UInt64 = 0
  /// True when a flush of the WAL has failed that no checkpoint has made good. A flush of which nothing is known counts
  /// as failed: the next writer checkpoints once more, and that is all.
  package var hasFailedFlush = false
  /// The last event that was appended; nil when nobody has said so.
  package var head: ChainPosition?
  /// The session in which it was appended: of one session nothing can be lost but by damage. 0 when it is not known.
  package var session: UInt64 = 0
  /// The database that the head is of; nil when an earlier version has noted it.
  package var file: LedgerFile?
  /// The last event that is known to be on disk; nil when nobody has said so.
  package var durableHead: ChainPosition?
  /// Names the file that that event is of (`QueueLayout.tag`); nil when an earlier version has noted it.
  package var durableTag: UInt32?
  /// The file name of a ledger that is put aside, until another has its place and somebody has said so.
  package var sealing: String?
  /// The checksum of such a name, where the name does not fit it: by it the name is found among those in the directory.
  package var sealingSum: UInt64?
  /// The WAL and the index of whoever appended last; nil when nobody has said so.
  package var walFiles: WALFiles?
  /// The notes whose checksums do not fit, and which count as not made.
  package var damaged: Damaged = []

  package struct Damaged: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let head = Damaged(rawValue: 1)
    package static let durableHead = Damaged(rawValue: 2)
    package static let sealing = Damaged(rawValue: 4)
    package static let walFiles = Damaged(rawValue: 8)
  }

  /// The notes of a ledger.lock that says nothing.
  package static let none = QueueNotes()

  /// The last event that the ledger is known to have had.
  package var lastKnown: ChainPosition? { head ?? durableHead }

  /// Tells whether the head is of this database.
  package func isOf(_ file: LedgerFile) -> Bool {
    guard head == nil else { return self.file?.isSame(as: file) ?? false }
    return durableTag == QueueLayout.tag(file)
  }

  /// Tells whether it would be news that all of that ledger up to this event is on disk.
  package func lacksDurable(_ head: ChainPosition, _ place: NotedPlace) -> Bool {
    file == place.file && (durableHead.map { $0.seq < head.seq } ?? true)
  }

  /// Tells whether the last writer may have had other files open than these.
  package func mayNotHave(_ files: WALFiles?) -> Bool {
    damaged.contains(.walFiles) || walFiles.map { $0 != files } ?? false
  }
}

/// Notes in ledger.lock that do not fit their checksums: what a person is told. They say nothing, and are made anew by
/// whoever appends next.
package struct DamagedNotes: Equatable, Sendable, CustomStringConvertible {
  package let notes: QueueNotes.Damaged
  /// The last event that is there.
  package let last: Seq

  /// The notes that do not fit, and what cannot be known therefore.
  package var description: String {
    var names: [String] = []
    if notes.contains(.head) { names.append("the last event") }
    if notes.contains(.durableHead) { names.append("the last event on disk") }
    if notes.contains(.sealing) { names.append("a ledger that is put aside") }
    if notes.contains(.walFiles) { names.append("the files of the last writer") }
    let unknown =
      notes.contains(.head)
      ? "whether events behind \(last) are missing"
      : notes.contains(.durableHead)
        ? "which events are on disk"
        : notes.contains(.sealing)
          ? "whether a ledger was being put aside" : "which WAL and index were written last"
    return "ledger.lock is damaged: what it says of \(names.joined(separator: " and of ")) "
      + "does not fit its checksum, so nobody can know \(unknown)"
  }
}
