internal import Events
internal import Ledger
internal import Linux

/// One instance's record on its way into the ledger: what is appended, what is kept where that cannot be, and when it is
/// tried again.
///
/// Where the ledger cannot be written: what happens is kept in the run's spool and appended when it can be, by this
/// runner or by the next taro; what even the spool does not take is dropped and counted; one line on stderr says why,
/// and the job runs on.
///
/// It has one owner at a time: the run's first thread until the job has started, the recorder's thread while it runs, and
/// the first one again when it has ended. The compiler sees to it, for a journal cannot be copied, and is moved into its
/// thread alone when nothing else refers to what is in it (``RecorderThread``).
struct InstanceJournal<Writer: JournalWriter, Spool: EventSpool>: ~Copyable {
  let job: String
  let instance: InstanceID
  /// The ledger's writer; nil while the ledger could not even be opened.
  private(set) var writer: Writer?
  let directory: LedgerDirectory
  private var stream: InstanceStream
  private var unappended: UnappendedEvents<Spool>
  private let turns: TurnGate
  private let report: JournalReport
  private var plugins: PluginFeed?
  private var unrecorded = UnrecordedOutput()
  private var retry = AppendRetry.none
  /// The time to read again what others have appended, after it could not be read.
  private var readAgainAt: MonotonicTime?
  /// The content of the last event, until it is in the ledger.
  private var end: JournalEnd?
  /// The time that the record has reached: what is found out about what was handed over is dated so.
  private(set) var time = RecordedTime()
  /// True when one of this instance's events stands where its runner folds the projections.
  private(set) var crossedFoldingPoint = false

  private static var queueMilliseconds: Int { 10_000 }
  /// In trouble the job's end waits a second more, not ten; and nothing else waits.
  private static var lastQueueMilliseconds: Int { 1000 }
  private static var readInterval: Int64 { 1_000_000 }

  /// - Parameters:
  ///   - writer: nil where the ledger cannot be opened, which is tried again when the run ends.
  ///   - spool: for what cannot be appended.
  ///   - turns: passed by each turn of the queue.
  init(
    _ writer: sending Writer?, _ directory: LedgerDirectory, _ stream: InstanceStream,
    _ spool: sending Spool, _ turns: TurnGate, _ plugins: PluginFeed?, _ reporter: StderrReporter
  ) {
    self.writer = writer
    self.directory = directory
    self.stream = stream
    self.turns = turns
    self.plugins = plugins
    job = stream.job
    instance = stream.instance
    unappended = UnappendedEvents(spool)
    report = JournalReport(directory: directory, reporter: reporter)
  }

  /// The instance's state, as far as the journal has seen it.
  var state: InstanceState? { stream.state }

  /// The position in the ledger at which the last event was appended.
  var lastSeq: Seq { stream.lastSeq }

  /// True when the ledger could not be written.
  var isInTrouble: Bool { writer == nil || retry.isInTrouble }

  /// There is something that the ledger does not know yet.
  private var hasUnappended: Bool { !unappended.isEmpty || stream.mustBeginAgain }

  /// The time at which something is to be done though nothing happens.
  var dueAt: MonotonicTime? {
    let retryAt = hasUnappended ? retry.idleDueAt : nil
    guard let retryAt, let readAgainAt else { return retryAt ?? readAgainAt }
    return min(retryAt, readAgainAt)
  }

  mutating func note(_ time: EventTime) { self.time.note(time) }

  func event(
    _ kind: EventKind, _ data: JSON, _ time: EventTime, output: EncodedOutput? = nil
  ) -> NewEvent {
    stream.event(kind, data, at: time.at, mono: time.mono, output: output)
  }

  // MARK: The beginning

  /// Appends the first event; and, in the same turn, the end that `verdict` says over what it reads. Durable.
  /// - Parameters:
  ///   - isRequired: without it the job will not be run.
  ///   - queueMilliseconds: how long the turn waits; nil: as long as the writer's do.
  /// - Returns: the end.
  mutating func create(
    _ created: Created, _ time: EventTime, isRequired: Bool, queueMilliseconds: Int? = nil,
    unless verdict: (LedgerReader) throws(LedgerError) -> (InstanceState, Ending)?
  ) -> InstanceState? {
    note(time)
    let first = event(.state(.created), created.json, time)
    guard let writer else {
      keep([first])
      return nil
    }
    let (job, instance) = (job, instance)
    var end: InstanceState?
    do throws(LedgerError) {
      var isDecided = false
      while !isDecided {
        isDecided = try decide(queueMilliseconds: queueMilliseconds) {
          (reader) throws(LedgerError) in
          end = nil
          guard let (state, ending) = try verdict(reader) else { return [first] }
          end = state
          return [first, NewEvent.now(.state(state), ending.json, of: instance, job)]
        }
      }
      return end
    } catch {
      // The turn may have been committed all the same.
      if let last = try? writer.lastEvent(of: instance)?.kind, last.isTerminal {
        return last.state
      }
      keep([first])
      failed(error, isRequired ? JournalReport.notRun : "")
      return nil
    }
  }

  /// Appends what `decision` says over what it reads, in one turn of the queue, before there is a thread. Durable.
  /// - Parameter queueMilliseconds: how long the turn waits; nil: as long as the writer's do.
  /// - Returns: false, and nothing is appended, when requests have come that must be looked at first.
  @discardableResult
  mutating func decide(
    queueMilliseconds: Int? = nil,
    _ decision: (LedgerReader) throws(LedgerError) -> [NewEvent]
  ) throws(LedgerError) -> Bool {
    let before = stream.appended
    let writer = try openWriter()
    let isDecided = try writer.decide(
      for: &stream, queueMilliseconds: queueMilliseconds, decision)
    noteAppended(before, writer)
    notifyPlugins()
    return isDecided
  }

  /// The ledger cannot be opened: said with where the run is kept instead.
  mutating func isUnopened(_ reason: String, leavesGatesUnasked: Bool) {
    retry = .atEnd
    report.kept(in: unappended, reason, leavesGatesUnasked ? ", and its gates are not asked" : "")
  }

  /// Ends the record of a job that was not started, now.
  /// - Parameter states: those that it passes on the way.
  mutating func end(
    in state: InstanceState, _ ending: Ending, after states: [InstanceState] = []
  ) {
    let now = EventTime.now
    note(now)
    finish(
      JournalEnd(state: state, ending: ending, time: now),
      after: states.map { event(.state($0), .object([]), now) })
  }

  // MARK: Appending

  /// Appends what has happened, and what was kept before. Nothing may happen, where it is time for another try.
  mutating func append(_ new: [NewEvent], durable: Bool) {
    guard !new.isEmpty || hasUnappended else { return }
    guard !retry.waits || end != nil else { return keep(new) }
    turns.enter()
    defer { turns.leave() }
    do throws(LedgerError) {
      let writer = try openWriter()
      let before = stream.appended
      try appendKept(to: writer)
      let gap = unrecorded.gap(of: stream, at: time.newest)
      try writer.append(
        (gap.map { [$0] } ?? []) + new, of: &stream, durable: durable,
        queueMilliseconds: patience)
      noteAppended(before, writer)
      unrecorded.noteTold()
      retry = .none
    } catch {
      // The very one that may have been appended.
      if let gap = unrecorded.lastGap, unappended.keep(gap, of: stream) { unrecorded.noteTold() }
      keep(new)
      failed(error)
    }
    notifyPlugins()
  }

  /// Appends the last event, behind these, or keeps it. Nothing follows.
  mutating func finish(_ end: JournalEnd, after events: [NewEvent]) {
    self.end = end
    append(events + [finalEvent(end)], durable: true)
  }

  private func finalEvent(_ end: JournalEnd) -> NewEvent {
    var ending = end.ending
    ending.output?.droppedBytes += unrecorded.totalBytes
    return event(.state(end.state), ending.json, end.time)
  }

  /// Output that was passed on is not going to be in the ledger.
  mutating func drop(_ bytes: Int64, _ reason: String) { unrecorded.drop(bytes, reason) }

  /// Puts on disk what was appended without waiting for it. What it could not flush is flushed by the next turn, or is kept
  /// and said then. Where the WAL was removed this is a turn of its own.
  mutating func flush() {
    guard !retry.isInTrouble else { return }
    turns.enter()
    defer { turns.leave() }
    try? writer?.flush(queueMilliseconds: patience)
  }

  /// The time that a turn waits.
  private var patience: Int {
    guard retry.isInTrouble else { return Self.queueMilliseconds }
    return end == nil ? 0 : Self.lastQueueMilliseconds
  }

  private mutating func openWriter() throws(LedgerError) -> Writer {
    if let writer { return writer }
    let opened = try Writer.open(directory)
    writer = opened
    return opened
  }

  private mutating func appendKept(to writer: Writer) throws(LedgerError) {
    guard !unappended.isEmpty else { return }
    while true {
      let batch = try unappended.nextBatch()
      guard !batch.isEmpty else { break }
      try writer.append(batch, of: &stream, durable: true, queueMilliseconds: patience)
      unappended.removeBatch(batch.count)
    }
    unappended.clear()
  }

  /// - Parameter before: how many events the stream had appended.
  private mutating func noteAppended(_ before: Int64, _ writer: Writer) {
    // Those of one turn stand side by side.
    let first = stream.lastSeq - (stream.appended - before)
    if FoldingPoints.isCrossed(between: first, stream.lastSeq) { crossedFoldingPoint = true }
    if let notes = writer.damagedNotes {
      writer.damagedNotes = nil
      report.damagedNotes(notes)
    }
    if let sealed = writer.sealed {
      writer.sealed = nil
      report.sealed(sealed)
      writer.sealingWasSaid(sealed, queueMilliseconds: patience)
    }
  }

  // MARK: Keeping

  /// Keeps what cannot be appended now; the last line is told again when it can be.
  private mutating func keep(_ events: [NewEvent]) {
    stream.remember(events)
    for event in events where event.kind != .status {
      var event = event
      if event.kind.isTerminal, let gap = unrecorded.gap(of: stream, at: time.newest),
        unappended.keep(gap, of: stream)
      {
        unrecorded.noteTold()
        // It is to count what was dropped since it was made.
        if let end { event = finalEvent(end) }
      }
      guard unappended.keep(event, of: stream) else {
        drop(Int64(event.output?.size ?? 0), "the ledger could not be written")
        continue
      }
      if event.output == nil { plugins?.notify(unrecorded: event) }
    }
    unappended.sync()
    if end != nil, unappended.losesEnd, stream.appended > 0 || !unappended.isKeptNowhere {
      report.losesEnd()
    }
  }

  /// After what could not be appended was kept, or was not.
  private mutating func failed(_ error: LedgerError, _ consequence: String = "") {
    retry = .after(opening: writer == nil)
    report.kept(in: unappended, report.reporter.voice.explain(error), consequence)
  }

  // MARK: Reading

  /// Reads what others have appended. Like a turn of the queue it is not stopped halfway: where the ledger was replaced it
  /// is one.
  mutating func read() {
    readAgainAt = nil
    guard !retry.isInTrouble else { return }
    turns.enter()
    defer { turns.leave() }
    do throws(LedgerError) {
      try openWriter().read(into: &stream, queueMilliseconds: patience)
    } catch {
      // What cannot be written will say why.
      readAgainAt = .now + Self.readInterval
      return
    }
    notifyPlugins()
  }

  /// Reads again what could not be read, when it is time.
  mutating func readIfDue() {
    guard let readAgainAt, MonotonicTime.now >= readAgainAt else { return }
    read()
  }

  /// Takes the requests that others have made since they were last taken, oldest first.
  mutating func takeRequests() -> [(kind: EventKind, request: ControlRequest)] {
    stream.takeForeign().compactMap { event in
      event.kind.isControlRequest ? (event.kind, ControlRequest(event.json)) : nil
    }
  }

  /// Reads what stands in the ledger and they were not told: requests of others too, in their places.
  private mutating func notifyPlugins() {
    guard plugins != nil, !retry.isInTrouble, let writer else { return }
    while let n = plugins?.n, let page = try? writer.events(of: instance, after: n),
      !page.isEmpty
    {
      plugins?.notify(page)
    }
  }
}

/// The end of an instance, but for the output that was dropped.
struct JournalEnd: Sendable {
  let state: InstanceState
  let ending: Ending
  let time: EventTime
}

extension NewEvent {
  /// An event of an instance that happens now.
  static func now(
    _ kind: EventKind, _ data: JSON, of instance: InstanceID, _ job: String
  ) -> NewEvent {
    NewEvent(
      at: .now, mono: .now, job: job, instance: instance,
      kind: kind, data: data)
  }
}
