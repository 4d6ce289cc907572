internal import Glibc
internal import Linux
internal import SQLite

/// Appends to a ledger. All writers of a host share one ``AppendQueue``: a turn in it is one transaction. Used by one
/// thread at a time.
package final class LedgerWriter {
  package let directory: LedgerDirectory
  /// Reads through the same connection, inside a turn too.
  package private(set) var reader: LedgerReader
  /// Whether a damaged ledger is put aside and a new one begun. Otherwise it is an error.
  private let sealsDamage: Bool
  /// The damaged ledger that this writer has put aside, until the caller has taken note of it.
  package var sealed: SealedLedger?
  /// The file that is open: at its name there may be another by now.
  private var file: FileIdentity?
  /// Whether this is known to be the ledger that it says it is. Nothing is appended before that: an append is noted as
  /// the ledger's head, and the head that was noted before may be all that shows that the ledger went back.
  private var isIdentified = false
  /// That of the open file.
  private var place: NotedPlace?
  /// The last event that is known to have been appended: where this connection does not see it, nothing is appended.
  private var expected: ChainPosition?
  /// How long a turn waits, for the queue (then it fails as `queueTimedOut`) and for a foreign program that has locked
  /// the database (`databaseHeld`) together.
  package var queueMilliseconds: Int
  private var files: Files
  fileprivate var statements: Statements

  /// When a writer that has left the WAL grown checkpoints it, at the beginning of its next turn.
  package enum Checkpointing: Int, Sendable {
    /// In the middle of things: seldom, for each costs two flushes.
    case whenLarge = 0x100_0000
    /// At the end of a run. Whoever opens the ledger alone reads the whole WAL first (3 us a page [measured]), so a
    /// host that runs a job now and then has to keep it short.
    case whenIdle = 0x10_0000
    /// Whatever there is, because the database is to be cut to its length.
    case always = 0
  }
  static let pageBytes = 4096

  private struct Files: ~Copyable {
    var queue: AppendQueue
    let bell: Descriptor
    var wal: Descriptor?

    init(queue: consuming AppendQueue, bell: consuming Descriptor) {
      self.queue = queue
      self.bell = bell
      wal = nil
    }
  }

  fileprivate struct Statements: ~Copyable {
    var insertion: EventInsertion
    var lastOfInstance: Statement
    var eventAtPosition: Statement

    init(_ connection: borrowing Connection) throws(SQLiteError) {
      let insertion = try EventInsertion(connection)
      let lastOfInstance = try connection.prepare(
        "SELECT n, kind FROM event WHERE instance = ? ORDER BY n DESC LIMIT 1")
      let eventAtPosition = try connection.prepare(
        """
        SELECT seq, at, mono, job, kind, data, payload FROM event WHERE instance = ? AND n = ?
        """)
      self.insertion = insertion
      self.lastOfInstance = lastOfInstance
      self.eventAtPosition = eventAtPosition
    }
  }

  /// Opens the ledger for appending, and makes it, and its directory, when they are missing.
  /// - Parameter sealsDamage: put a damaged ledger aside and begin a new one; `sealed` tells of it.
  package init(
    _ directory: LedgerDirectory, queueMilliseconds: Int = 10_000, sealsDamage: Bool = false
  ) throws(LedgerError) {
    try directory.prepare()
    try directory.refuseSharedFileSystem()
    var queue = try AppendQueue(directory)
    let bell = try directory.openPrivate(directory.bell)
    var found: LedgerOpening.Opened?
    do throws(LedgerError) { found = try LedgerOpening.existing(queue, directory) } catch {
      guard sealsDamage, case .damaged = error else { throw error }
    }
    let opened: LedgerOpening.Opened
    if let found {
      opened = found
    } else {
      opened = try LedgerOpening.inside(
        &queue, directory, milliseconds: queueMilliseconds, sealsDamage: sealsDamage)
    }
    let statements = try Self.prepare(opened.reader, directory)
    self.directory = directory
    self.queueMilliseconds = queueMilliseconds
    self.sealsDamage = sealsDamage
    reader = opened.reader
    file = opened.file
    place = NotedPlace(directory)
    sealed = opened.sealed
    self.statements = statements
    files = Files(queue: queue, bell: bell)
    do throws(LedgerError) {
      isIdentified = try !needsIdentity(files.queue.read())
      if !isIdentified { try turn(durable: true) { _ throws(LedgerError) in } }
    } catch {
      switch error {
      // The next turn will do it; or it is open by now, and another one.
      case .full, .queueTimedOut, .databaseHeld, .replaced: break
      case .damaged(_, let reason) where sealsDamage: try sealWhenOpening(reason)
      default: throw error
      }
    }
  }

  private func sealWhenOpening(_ reason: String) throws(LedgerError) {
    try files.queue.enter(milliseconds: queueMilliseconds)
    defer { files.queue.leave() }
    do throws(LedgerError) {
      try reopenIfReplaced()
      try seal(reason)
    } catch {
      guard case .replaced = error else { throw error }
    }
  }

  /// Gives the ledger a new id where it is a copy, or has lost events. Inside the queue.
  /// - Returns: whether that has appended something.
  private func identify(_ notes: QueueNotes) throws(LedgerError) -> Bool {
    guard !isIdentified else { return false }
    var hasAppended = false
    if try needsIdentity(notes) {
      let cause = try causeOfIdentity(notes)
      if cause == .wentBack || cause == .otherFile {
        expected = nil
        files.queue.forgetDurableHead()
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

  private func needsIdentity(_ notes: QueueNotes) throws(LedgerError) -> Bool {
    if try storedPlace() == nil { return true }
    return try causeOfIdentity(notes) != nil
  }

  private func storedPlace() throws(LedgerError) -> LedgerPlace? {
    do throws(SQLiteError) { return try LedgerIdentity(reader.connection).place } catch {
      throw LedgerError(error, directory.path)
    }
  }

  private func causeOfIdentity(_ notes: QueueNotes) throws(LedgerError) -> Identified.Cause? {
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

  private static func prepare(
    _ reader: LedgerReader, _ directory: LedgerDirectory
  ) throws(LedgerError) -> Statements {
    do throws(SQLiteError) {
      try reader.connection.execute("PRAGMA synchronous = NORMAL")
      reader.connection.countWALPages()
      return try Statements(reader.connection)
    } catch { throw LedgerError(error, directory.path) }
  }

  /// Turns to the ledger that stands at the name now, where that is another one. Waits for the queue only then.
  /// - Throws: `replaced` when it is.
  package func followReplacement() throws(LedgerError) {
    guard FileIdentity(directory.database) != file else { return }
    try files.queue.enter(milliseconds: queueMilliseconds)
    defer { files.queue.leave() }
    try reopenIfReplaced()
  }

  /// Inside the queue, in which every ledger is made and put aside.
  private func reopenIfReplaced() throws(LedgerError) {
    guard FileIdentity(directory.database) != file else { return }
    try open(LedgerOpening.inside(files.queue, directory, sealsDamage: sealsDamage))
    throw .replaced(path: directory.path)
  }

  private func seal(_ reason: String) throws(LedgerError) {
    try open(LedgerOpening.replace(files.queue, directory, reason))
    throw .replaced(path: directory.path)
  }

  private func open(_ opened: LedgerOpening.Opened) throws(LedgerError) {
    statements = try Self.prepare(opened.reader, directory)
    reader = opened.reader
    file = opened.file
    place = NotedPlace(directory)
    sealed = opened.sealed ?? sealed
    files.wal = nil
    isIdentified = false
  }

  /// Takes a turn in the queue: what `body` reads is still true when what it appends is committed.
  ///
  /// - Parameter durable: wait until the commit is on disk (fdatasync of the WAL, after the queue was left, so
  ///   that writers share it). Without, it is there after the next durable turn of anybody, or when the kernel
  ///   writes it.
  /// - Throws: what `body` throws, and what the ledger says; nothing was appended then, but after
  ///   `inputOutput` or `full` that is not certain: append again at the same positions. `replaced`: at its name stands
  ///   another ledger now, of which the next turn will be; `body` was not run, or nothing came of it.
  @discardableResult
  package func turn<Result>(
    durable: Bool, checkpointing: Checkpointing = .whenLarge,
    _ body: (borrowing Turn) throws(LedgerError) -> Result
  ) throws(LedgerError) -> Result {
    let left = try files.queue.enter(milliseconds: queueMilliseconds)
    let (result, hasAppended) = try insideQueue(left, checkpointing, body)
    guard hasAppended else { return result }
    if durable { try sync() }
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
      let notes = files.queue.read()
      expected = notes.head
      let hasIdentified = try identify(notes)
      if notes.hasFailedFlush { try writeThroughCheckpoint() }
      checkpointIfGrown(checkpointing, notes)
      let (result, hasAppended) = try transaction(body)
      return (result, hasAppended || hasIdentified)
    } catch {
      guard sealsDamage, case .damaged(_, let reason) = error else { throw error }
      try seal(reason)
      throw error
    }
  }

  private func transaction<Result>(
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
        files.queue.noteHead(head, of: place)
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
    let events = MissingEvents(
      first: min(head.seq + 1, expected.seq), last: expected.seq, cause: .damage,
      isAnother: head.seq >= expected.seq)
    throw .damaged(path: directory.path, reason: events.description)
  }

  /// Checkpoints the WAL when this connection's last commit left it grown and nobody has checkpointed it since.
  ///
  /// Before a commit, so that the commit begins the WAL anew: that it was checkpointed is forgotten with the last
  /// connection, and the next one would read it all again. A failure leaves the WAL as it is, and the next writer tries
  /// again.
  private func checkpointIfGrown(_ checkpointing: Checkpointing, _ notes: QueueNotes) {
    guard !files.queue.wasCheckpointed(notes),
      reader.connection.walPages * Self.pageBytes > checkpointing.rawValue,
      (try? reader.connection.checkpointPassively()) != nil
    else { return }
    files.queue.countCheckpoint()
  }

  /// A checkpoint writes once more, into the database, what a failed flush of the WAL may have lost for good.
  private func writeThroughCheckpoint() throws(LedgerError) {
    let isWhole: Bool
    do throws(SQLiteError) { isWhole = try reader.connection.checkpointPassively() } catch {
      throw LedgerError(error, directory.path)
    }
    files.queue.countCheckpoint()
    guard isWhole else {
      throw .inputOutput(
        path: directory.path,
        reason: "a flush of ledger.db-wal has failed, and what it may have lost cannot be written "
          + "again while somebody reads an older state")
    }
    files.queue.noteFlush(hasFailed: false)
  }

  /// Puts on disk what was appended by turns that did not wait for it.
  package func flush() throws(LedgerError) { try sync() }

  /// Flushes the WAL. A checkpoint that has happened in between has flushed it too.
  private func sync() throws(LedgerError) {
    // This connection is open, so nobody deletes the WAL: the descriptor stays the right one.
    let fd: Int32
    if let open = files.wal?.fd {
      fd = open
    } else {
      do throws(SystemCallError) {
        let file = try Descriptor.open(directory.wal, O_RDWR)
        fd = file.fd
        files.wal = consume file
      } catch { throw LedgerError(error, directory.path) }
    }
    guard fdatasync(fd) == 0 else {
      files.queue.noteFlush(hasFailed: true)
      throw LedgerError(SystemCallError("fdatasync", directory.wal), directory.path)
    }
    // What was committed before the flush began, by whomever.
    if let expected, let place { files.queue.noteDurable(expected, of: place) }
  }

  private func ring() {
    var byte: UInt8 = 0
    _ = pwrite(files.bell.fd, &byte, 1, 0)
  }
}

/// Where an event goes in its instance.
package enum InstancePosition: Equatable, Sendable {
  /// After whatever is last.
  case next
  /// At exactly this position: the optimistic lock, and what makes a repeated append harmless.
  case expected(Int64)
}

/// A turn in the append queue: one transaction.
package struct Turn: ~Copyable {
  private let writer: LedgerWriter
  private let state: State

  private final class State {
    var seq: Int64
    var digest: Digest
    /// True as well when an event stood there already: who appended it may have gone before it was on disk.
    var hasAppended = false
    /// After some errors SQLite has rolled the transaction back by itself: nothing may be added to what is no
    /// longer there, and nothing committed.
    var failure: LedgerError?
    init(seq: Int64, digest: Digest) {
      self.seq = seq
      self.digest = digest
    }
  }

  fileprivate init(_ writer: LedgerWriter) throws(SQLiteError) {
    self.writer = writer
    let head = try writer.reader.uncheckedHead()
    state = State(seq: head.seq, digest: head.digest)
  }

  var hasAppended: Bool { state.hasAppended }
  var head: ChainPosition { ChainPosition(seq: state.seq, digest: state.digest) }
  var failure: LedgerError? { state.failure }

  /// Appends one event and returns its position in the ledger, or the old one when the same event stands there
  /// already.
  /// - Throws: `ended`, `conflict`.
  @discardableResult
  package func append(
    _ event: NewEvent, _ position: InstancePosition = .next
  ) throws(LedgerError) -> Int64 {
    var n: Int64?
    if let instance = event.instance {
      switch try mapped({ () throws(SQLiteError) in try place(event, instance, position) }) {
      case .success(.new(let free)): n = free
      case .success(.present(let seq)):
        state.hasAppended = true
        return seq
      case .failure(let error): throw error
      }
    }
    try mapped { () throws(SQLiteError) in try insert(event, n: n) }
    return state.seq
  }

  /// Gives the ledger its present place, and, where there is a cause, a new id.
  fileprivate func identify(
    _ cause: Identified.Cause?, _ noted: NotedPlace?
  ) throws(LedgerError) {
    if let noted {
      try mapped { () throws(SQLiteError) in
        let place = LedgerPlace(noted.file).remembering(
          try LedgerIdentity(writer.reader.connection).place)
        try LedgerIdentity.write(LedgerIdentity.Key.place, place.text, writer.reader.connection)
      }
    }
    guard let cause else { return }
    let identified = Identified(
      from: writer.reader.ledgerID, to: LedgerIdentity.newID(), cause: cause, by: .thisProcess())
    try append(
      NewEvent(
        at: Clock.wallMicroseconds(), mono: Clock.bootMicroseconds(), job: nil, instance: nil,
        kind: .identified, data: identified.json))
    try mapped { () throws(SQLiteError) in
      try LedgerIdentity.write(LedgerIdentity.Key.present, identified.to, writer.reader.connection)
    }
  }

  private func mapped<Result>(
    _ body: () throws(SQLiteError) -> Result
  ) throws(LedgerError) -> Result {
    if let failure = state.failure { throw failure }
    do throws(SQLiteError) { return try body() } catch {
      let failure = LedgerError(error, writer.directory.path)
      state.failure = failure
      throw failure
    }
  }

  private enum Place {
    case new(Int64)
    case present(seq: Int64)
  }

  private func place(
    _ event: NewEvent, _ instance: InstanceID, _ position: InstancePosition
  ) throws(SQLiteError) -> Result<Place, LedgerError> {
    try writer.statements.lastOfInstance.bind(1, instance.text)
    var last: Int64 = 0
    var hasEnded = false
    if try writer.statements.lastOfInstance.step() {
      last = writer.statements.lastOfInstance.integer(0)
      hasEnded = EventKind(name: writer.statements.lastOfInstance.text(1)).isTerminal
    }
    writer.statements.lastOfInstance.reset()

    if case .expected(let n) = position, n != last + 1 {
      guard n <= last, let seq = try seqIfSame(event, instance, n) else {
        return .failure(hasEnded ? .ended(instance) : .conflict(instance, n: n))
      }
      return .success(.present(seq: seq))
    }
    guard !hasEnded else { return .failure(.ended(instance)) }
    guard (last == 0) == (event.kind == .state(.created)) else {
      return .failure(.conflict(instance, n: last + 1))
    }
    return .success(.new(last + 1))
  }

  /// The position of the event at `n` if it is this very event.
  private func seqIfSame(
    _ event: NewEvent, _ instance: InstanceID, _ n: Int64
  ) throws(SQLiteError) -> Int64? {
    try writer.statements.eventAtPosition.bind(1, instance.text)
    try writer.statements.eventAtPosition.bind(2, n)
    defer { writer.statements.eventAtPosition.reset() }
    guard try writer.statements.eventAtPosition.step() else { return nil }
    let payload = writer.statements.eventAtPosition.withBytes(6) { Digest($0) }
    let isSame =
      writer.statements.eventAtPosition.integer(1) == event.at
      && writer.statements.eventAtPosition.integer(2) == event.mono
      && writer.statements.eventAtPosition.optionalText(3) == event.job
      && writer.statements.eventAtPosition.text(4) == event.kind.name
      && writer.statements.eventAtPosition.text(5) == event.data
      && payload == event.output?.payload
    return isSame ? writer.statements.eventAtPosition.integer(0) : nil
  }

  private func insert(_ event: NewEvent, n: Int64?) throws(SQLiteError) {
    // Wraps only in a forged ledger, and is refused by the trigger then.
    let seq = state.seq &+ 1
    state.digest = try writer.statements.insertion.run(event, seq: seq, n: n, after: state.digest)
    state.seq = seq
    state.hasAppended = true
  }
}
