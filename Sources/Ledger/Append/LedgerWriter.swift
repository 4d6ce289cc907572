package import Events
internal import Glibc
internal import Linux
internal import SQLite

/// Appends to a ledger. All writers of a host share one ``AppendQueue``: a turn in it is one transaction. Used by one
/// thread at a time.
package final class LedgerWriter {
  /// It may get another name: the ledger is followed there.
  package private(set) var directory: LedgerDirectory
  /// Reads through the same connection, inside a turn too.
  package private(set) var reader: LedgerReader
  /// With it a damaged ledger is put aside and a new one begun; without, damage is an error.
  let recovery: (any DamageRecovery)?
  /// The damaged ledger that this writer has put aside, or somebody who was killed before he could say so, until the caller
  /// has taken note of it.
  package var sealed: SealedLedger?
  /// The notes in ledger.lock that were found to say nothing, until the caller has taken note of them.
  package var damagedNotes: DamagedNotes?
  /// The file that is open: at its name there may be another by now.
  private var file: FileIdentity?
  /// True once this is known to be the ledger that it says it is. Nothing is appended before that: an append is noted
  /// as the ledger's head, and the head that was noted before may be all that shows that the ledger went back.
  var isIdentified = false
  /// That of the open file.
  var place: NotedPlace?
  /// The last event that is known to have been appended: where this connection does not see it, nothing is appended.
  var expected: ChainPosition?
  /// The time that a turn waits where its caller does not say it: for the queue (then it fails as `queueTimedOut`) and
  /// for a foreign program that has locked the database (`databaseHeld`) together.
  package let queueMilliseconds: Int
  var files: Files
  /// The WAL and the index that are open; nil where the ledger is not in WAL mode.
  var walFiles: WALFiles?
  var hasFallenBehind = false
  /// True in a turn that was to empty the WAL (`Checkpointing.emptying`) and has: all that counts is in the database then.
  package internal(set) var isWALEmpty = false
  /// The prepared statements; nil while the connection is opened anew, for a statement would keep the old one open.
  var statements: WriterStatements?

  /// The size of the WAL from which a writer that has left it grown checkpoints it, at the beginning of its next turn.
  package enum Checkpointing: Int, Sendable {
    /// In the middle of things: seldom, for each costs two flushes.
    case whenLarge = 0x100_0000
    /// At the end of an instance. Whoever opens the ledger alone reads the whole WAL first (3 us a page [measured]), so a
    /// host that runs a job now and then has to keep it short.
    case whenIdle = 0x10_0000
    /// Whatever there is, because the database is to be cut to its length.
    case always = 0
    /// And the WAL is cut to nothing, where nobody reads an older state: it still has what was overwritten.
    case emptying = -1
  }

  struct Files: ~Copyable {
    var queue: AppendQueue
    /// The bell; nil where its name is taken by what is no file: who follows looks once a second all the same.
    let bell: Bell?
    var flush: WALFlush?

    init(queue: consuming AppendQueue, bell: consuming Bell?) {
      self.queue = queue
      self.bell = bell
      flush = nil
    }
  }

  /// Opens the ledger for appending, and makes it, and its directory, when they are missing.
  /// - Parameters:
  ///   - openingMilliseconds: how long the opening itself waits; nil: as long as a turn.
  ///   - recovery: puts a damaged ledger aside and begins a new one, with what this reads out of the old one; `sealed`
  ///     tells of it.
  package init(
    _ directory: LedgerDirectory, queueMilliseconds: Int = 10_000,
    openingMilliseconds: Int? = nil, recovery: (any DamageRecovery)? = nil
  ) throws(LedgerError) {
    let openingMilliseconds = openingMilliseconds ?? queueMilliseconds
    let isReadByGroup = try directory.prepare()
    try directory.refuseSharedFileSystem()
    var queue = try AppendQueue(directory)
    let bell = try? Bell(directory)
    var found: LedgerOpening.Opened?
    do throws(LedgerError) {
      found = try LedgerOpening.existing(
        queue, directory, milliseconds: Int32(clamping: openingMilliseconds))
    } catch {
      // Looked at once more, inside the queue.
      switch error {
      case .damaged, .interrupted, .walTakenAway: break
      default: throw error
      }
    }
    let opened: LedgerOpening.Opened
    if let found {
      opened = found
    } else {
      opened = try LedgerOpening.inside(
        &queue, directory, milliseconds: openingMilliseconds, recovery: recovery)
    }
    let statements = try Self.prepare(opened.reader, directory)
    self.directory = directory
    self.queueMilliseconds = queueMilliseconds
    self.recovery = recovery
    reader = opened.reader
    file = opened.file
    place = NotedPlace(directory)
    sealed = opened.sealed
    damagedNotes = opened.damagedNotes
    self.statements = .some(statements)
    files = Files(queue: queue, bell: bell)
    openWAL()
    do throws(LedgerError) {
      isIdentified = try !needsIdentity(files.queue.file.read())
      if !isIdentified {
        try turn(durable: true, queueMilliseconds: openingMilliseconds) { _ throws(LedgerError) in }
      }
    } catch {
      switch error {
      // The next turn will do it; or it is open by now, and another one.
      case .full, .queueTimedOut, .databaseHeld, .replaced: break
      case .damaged(_, let reason):
        guard let recovery else { throw error }
        try sealWhenOpening(reason, openingMilliseconds, recovery)
      default: throw error
      }
    }
    if isReadByGroup { directory.letGroupRead() }
  }

  private func sealWhenOpening(
    _ reason: String, _ queueMilliseconds: Int, _ recovery: any DamageRecovery
  ) throws(LedgerError) {
    try enterQueue(queueMilliseconds)
    defer { files.queue.leave() }
    do throws(LedgerError) {
      try reopenIfReplaced()
      try seal(reason, recovery)
    } catch {
      guard case .replaced = error else { throw error }
    }
  }

  static func prepare(
    _ reader: LedgerReader, _ directory: LedgerDirectory
  ) throws(LedgerError) -> WriterStatements {
    do throws(SQLiteError) {
      try reader.connection.execute("PRAGMA synchronous = NORMAL")
      reader.connection.countWALPages()
      return try WriterStatements(reader.connection)
    } catch { throw LedgerOpening.error(error, directory) }
  }

  /// Waits for the queue, and follows the ledger where its directory got another name.
  /// - Returns: what is left of the milliseconds.
  @discardableResult
  func enterQueue(_ milliseconds: Int?) throws(LedgerError) -> Int {
    let left = try files.queue.enter(milliseconds: milliseconds ?? queueMilliseconds) { moved in
      FileIdentity(moved.database).map { $0 == file } ?? false
    }
    if files.queue.directory != directory {
      directory = files.queue.directory
      reader.hasMoved(to: directory)
    }
    return left
  }

  /// Turns to the ledger that stands at the name now, where that is another one. Waits for the queue only then.
  /// - Throws: `replaced` when it is.
  package func followReplacement(queueMilliseconds: Int? = nil) throws(LedgerError) {
    guard FileIdentity(directory.database) != file else { return }
    try enterQueue(queueMilliseconds)
    defer { files.queue.leave() }
    try reopenIfReplaced()
  }

  /// Inside the queue, in which every ledger is made and put aside.
  func reopenIfReplaced() throws(LedgerError) {
    guard FileIdentity(directory.database) != file else { return }
    try open(LedgerOpening.inside(files.queue, directory, recovery: recovery))
    throw .replaced(path: directory.path)
  }

  private func seal(_ reason: String, _ recovery: any DamageRecovery) throws(LedgerError) {
    try open(LedgerOpening.replace(files.queue, directory, reason, recovery))
    throw .replaced(path: directory.path)
  }

  private func open(_ opened: LedgerOpening.Opened) throws(LedgerError) {
    statements = try Self.prepare(opened.reader, directory)
    reader = opened.reader
    file = opened.file
    place = NotedPlace(directory)
    sealed = opened.sealed ?? sealed
    isIdentified = false
    openWAL()
  }

  func openWAL() {
    walFiles = WALFiles(directory)
    files.flush = walFiles == nil ? nil : try? WALFlush(directory)
  }

  /// Takes a turn in the queue: what `body` reads is still true when what it appends is committed.
  ///
  /// - Parameters:
  ///   - durable: wait until the commit is on disk (fdatasync of the WAL, after the queue was left, so that writers
  ///     share it). Without, it is there after the next durable turn of anybody, or when the kernel writes it.
  ///   - queueMilliseconds: how long this turn waits; nil: as long as the writer's do.
  /// - Throws: what `body` throws, and what the ledger says; nothing was appended then, but after
  ///   `inputOutput` or `full` that is not certain: append again at the same positions. `replaced`: at its name stands
  ///   another ledger now, of which the next turn will be; `body` was not run, or nothing came of it.
  @discardableResult
  package func turn<Result>(
    durable: Bool, checkpointing: Checkpointing = .whenLarge, queueMilliseconds: Int? = nil,
    _ body: (borrowing Turn) throws(LedgerError) -> Result
  ) throws(LedgerError) -> Result {
    let left = try enterQueue(queueMilliseconds)
    let (result, hasAppended) = try insideQueue(left, checkpointing, body)
    guard hasAppended else { return result }
    if durable { try flush(queueMilliseconds: queueMilliseconds) }
    ring()
    return result
  }

  private func insideQueue<Result>(
    _ milliseconds: Int, _ checkpointing: Checkpointing,
    _ body: (borrowing Turn) throws(LedgerError) -> Result
  ) throws(LedgerError) -> (Result, Bool) {
    defer { files.queue.leave() }
    try reopenIfReplaced()
    // Others wait behind this one: a foreign program is not waited for anew.
    reader.connection.waitForLocks(milliseconds: Int32(clamping: milliseconds))
    do throws(LedgerError) {
      let notes = try settleSealing(files.queue.notes)
      if damagedNotes == nil { damagedNotes = try reader.doubts(notes) }
      // Where the note does not fit, what this one knows itself is left.
      if !notes.damaged.contains(.head) { expected = notes.head }
      try enterWALMode()
      let mayNotHave = notes.mayNotHave(walFiles)
      if mayNotHave, WALFiles(directory) != walFiles { try reopen() }
      try refuseHollowWAL(notes)
      if mayNotHave { try followWAL(notes) }
      do throws(LedgerError) { return try insideQueue(notes, checkpointing, body) } catch {
        guard hasFallenBehind else { throw error }
        try followWAL(notes)
        return try insideQueue(notes, checkpointing, body)
      }
    } catch {
      guard let recovery, case .damaged(_, let reason) = error else { throw error }
      try seal(reason, recovery)
      throw error
    }
  }

  private func insideQueue<Result>(
    _ notes: QueueNotes, _ checkpointing: Checkpointing,
    _ body: (borrowing Turn) throws(LedgerError) -> Result
  ) throws(LedgerError) -> (Result, Bool) {
    let hasIdentified = try identify(notes)
    if notes.hasFailedFlush { try writeThroughCheckpoint() }
    try checkpointIfGrown(checkpointing, notes)
    if let walFiles, walFiles != notes.walFiles || notes.damaged.contains(.walFiles) {
      files.queue.file.note(walFiles)
    }
    let (result, hasAppended) = try transaction(body)
    return (result, hasAppended || hasIdentified)
  }

  func transaction<Result>(
    _ body: (borrowing Turn) throws(LedgerError) -> Result
  ) throws(LedgerError) -> (Result, Bool) {
    do {
      let transaction = try reader.connection.begin()
      let turn = try Turn(self)
      try refuseOlder(turn.head)
      let result = try body(turn)
      if let failure = turn.failure { throw failure }
      let hasAppended = turn.hasAppended
      let head = turn.head
      try transaction.commit()
      if hasAppended, let place {
        files.queue.file.note(head, of: place)
        expected = head
      }
      return (result, hasAppended)
    } catch let error as SQLiteError {
      throw LedgerError(error, directory.path)
    } catch let error as LedgerError {
      throw error
    } catch {
      throw .inputOutput(path: directory.path, reason: "\(error)")
    }
  }

  /// Nothing is appended where the last event that others have appended is not seen.
  private func refuseOlder(_ head: ChainPosition) throws(LedgerError) {
    guard let expected, head != expected, try !reader.has(expected) else { return }
    hasFallenBehind = true
    let events = MissingEvents(
      first: head.seq < expected.seq ? head.seq + 1 : expected.seq, last: expected.seq,
      cause: .damage,
      isAnother: head.seq >= expected.seq)
    throw .damaged(path: directory.path, reason: events.description)
  }

  func refuseOlder() throws(LedgerError) {
    let head = try reader.head()
    try refuseOlder(ChainPosition(seq: head.seq, digest: head.digest))
  }

  private func ring() {
    files.bell?.ring()
  }
}
