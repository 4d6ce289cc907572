internal import Glibc
internal import Linux
internal import SQLite

/// Appends to a ledger. All writers of a host share one ``AppendQueue``: a turn in it is one transaction. Used by one
/// thread at a time.
package final class LedgerWriter {
  package let directory: LedgerDirectory
  /// Reads through the same connection, inside a turn too.
  package let reader: LedgerReader
  /// How long a turn waits for the queue before it fails as `queueTimedOut`.
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
    var insertEvent: Statement
    var insertOutput: Statement
    var lastOfInstance: Statement
    var eventAtPosition: Statement

    init(_ connection: borrowing Connection) throws(SQLiteError) {
      let insertEvent = try connection.prepare(
        """
        INSERT INTO event (seq, at, mono, job, instance, n, kind, data, payload, digest)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
      let insertOutput = try connection.prepare(
        "INSERT INTO output (seq, codec, size, runs, data) VALUES (?, ?, ?, ?, ?)")
      let lastOfInstance = try connection.prepare(
        "SELECT n, kind FROM event WHERE instance = ? ORDER BY n DESC LIMIT 1")
      let eventAtPosition = try connection.prepare(
        """
        SELECT seq, at, mono, job, kind, data, payload FROM event WHERE instance = ? AND n = ?
        """)
      self.insertEvent = insertEvent
      self.insertOutput = insertOutput
      self.lastOfInstance = lastOfInstance
      self.eventAtPosition = eventAtPosition
    }
  }

  /// Opens the ledger for appending, and makes it, and its directory, when they are missing.
  package init(
    _ directory: LedgerDirectory, queueMilliseconds: Int = 10_000
  ) throws(LedgerError) {
    try directory.prepare()
    try directory.refuseNetworkFileSystem()
    var queue = try AppendQueue(directory)
    let bell = try directory.openPrivate(directory.bell)
    let opened = try Self.openExisting(directory)
    let reader =
      if let opened { opened } else {
        try LedgerCreation.run(directory, &queue, milliseconds: queueMilliseconds)
      }
    try reader.refuseNewerFormat()
    let statements = try Self.prepare(reader, directory)
    self.directory = directory
    self.queueMilliseconds = queueMilliseconds
    self.reader = reader
    self.statements = statements
    files = Files(queue: queue, bell: bell)
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

  /// Nil when there is no complete ledger yet.
  static func openExisting(_ directory: LedgerDirectory) throws(LedgerError) -> LedgerReader? {
    guard directory.hasDatabase else { return nil }
    do throws(SQLiteError) {
      let connection = try LedgerReader.open(directory.database, .readWrite)
      let reader = try LedgerReader(directory, connection, openedFor: .readWrite)
      return reader.formatVersion == 0 ? nil : reader
    } catch { throw LedgerError(error, directory.path) }
  }

  /// Takes a turn in the queue: what `body` reads is still true when what it appends is committed.
  ///
  /// - Parameter durable: wait until the commit is on disk (fdatasync of the WAL, after the queue was left, so
  ///   that writers share it). Without, it is there after the next durable turn of anybody, or when the kernel
  ///   writes it.
  /// - Throws: what `body` throws, and what the ledger says; nothing was appended then, but after
  ///   `inputOutput` or `full` that is not certain: append again at the same positions.
  @discardableResult
  package func turn<Result>(
    durable: Bool, checkpointing: Checkpointing = .whenLarge,
    _ body: (borrowing Turn) throws(LedgerError) -> Result
  ) throws(LedgerError) -> Result {
    try files.queue.enter(milliseconds: queueMilliseconds)
    let (result, hasAppended): (Result, Bool)
    do throws(LedgerError) {
      (result, hasAppended) = try transaction(checkpointing, body)
    } catch {
      files.queue.leave()
      throw error
    }
    files.queue.leave()
    guard hasAppended else { return result }
    if durable { try sync() }
    ring()
    return result
  }

  private func transaction<Result>(
    _ checkpointing: Checkpointing,
    _ body: (borrowing Turn) throws(LedgerError) -> Result
  ) throws(LedgerError) -> (Result, Bool) {
    checkpointIfGrown(checkpointing)
    do {
      let transaction = try reader.connection.begin()
      let turn = try Turn(self)
      let result = try body(turn)
      if let failure = turn.failure { throw failure }
      let hasAppended = turn.hasAppended
      try transaction.commit()
      return (result, hasAppended)
    } catch let error as SQLiteError {
      throw LedgerError(error, directory.path)
    } catch let error as LedgerError {
      throw error
    } catch {
      throw .inputOutput(path: directory.path, reason: "\(error)")
    }
  }

  /// Checkpoints the WAL when this connection's last commit left it grown and nobody has checkpointed it since.
  ///
  /// Before a commit, so that the commit begins the WAL anew: that it was checkpointed is forgotten with the last
  /// connection, and the next one would read it all again. A failure leaves the WAL as it is, and the next writer tries
  /// again.
  private func checkpointIfGrown(_ checkpointing: Checkpointing) {
    guard !files.queue.wasCheckpointed(),
      reader.connection.walPages * Self.pageBytes > checkpointing.rawValue,
      (try? reader.connection.checkpointPassively()) != nil
    else { return }
    files.queue.countCheckpoint()
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
      throw LedgerError(SystemCallError("fdatasync", directory.wal), directory.path)
    }
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
    let digest = Chain.digest(
      previous: state.digest, seq: seq, at: event.at, mono: event.mono, job: event.job,
      instance: event.instance?.text, n: n, kind: event.kind.name, data: event.data,
      payload: event.output?.payload)
    try writer.statements.insertEvent.bind(1, seq)
    try writer.statements.insertEvent.bind(2, event.at)
    try writer.statements.insertEvent.bind(3, event.mono)
    try writer.statements.insertEvent.bind(4, event.job)
    try writer.statements.insertEvent.bind(5, event.instance?.text)
    try writer.statements.insertEvent.bind(6, n)
    try writer.statements.insertEvent.bind(7, event.kind.name)
    try writer.statements.insertEvent.bind(8, event.data)
    try writer.statements.insertEvent.bind(9, event.output?.payload.bytes)
    try writer.statements.insertEvent.bind(10, digest.bytes)
    try writer.statements.insertEvent.run()
    if let output = event.output { try insert(output, seq) }
    state.seq = seq
    state.digest = digest
    state.hasAppended = true
  }

  private func insert(_ output: EncodedOutput, _ seq: Int64) throws(SQLiteError) {
    try writer.statements.insertOutput.bind(1, seq)
    try writer.statements.insertOutput.bind(2, output.codec.rawValue)
    try writer.statements.insertOutput.bind(3, Int64(output.size))
    try writer.statements.insertOutput.bind(4, output.runs)
    let failure: SQLiteError? = output.data.withUnsafeBytes { bytes in
      do throws(SQLiteError) {
        try writer.statements.insertOutput.bindUncopied(5, bytes)
        try writer.statements.insertOutput.run()
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
  }
}
