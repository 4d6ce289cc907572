internal import Events
internal import Ledger
internal import Linux

/// Writes one instance's record on a thread of its own, so that the job never waits for a disk. The run loop hands
/// items over through a monitor; chunk buffers come back the same way, and there are so many and no more.
///
/// Where the ledger cannot be written: what happens is kept in the run's spool and appended when it can be, by this
/// runner or by the next taro; what even the spool does not take is dropped and counted; one line on stderr says why,
/// and the job runs on.
///
/// Sendable because everything but `shared` and `wake` is touched by the recorder's thread alone once `start` has been
/// called, and by the caller alone before.
final class Recorder: @unchecked Sendable {
  enum Item: Sendable {
    case event(EventKind, JSON, at: Int64, mono: Int64)
    /// Somebody's wish that came by signal; `Result.recorded` answers.
    case request(EventKind, ControlRequest, at: Int64, mono: Int64)
    case output(ChunkBuffer, durable: Bool)
    /// Output that was passed on but could not be taken in.
    case dropped(OutputTotals)
    /// Of what the run loop sees; the recorder finds those about the output itself.
    case warning(Warning, at: Int64, mono: Int64)
    /// Put on disk what was appended without waiting for it.
    case sync
    /// Somebody rang: read what others have appended.
    case look
    case finish(RunState, Ending, at: Int64, mono: Int64)
  }

  enum Result: Sendable {
    /// Somebody else's request, from the ledger.
    case request(EventKind, ControlRequest)
    /// The request that was handed over is on disk, or cannot be.
    case recorded(EventKind, ControlRequest)
    /// What others have appended was read, or cannot be.
    case looked
  }

  private struct Shared {
    var items: [Item] = []
    var results: [Result] = []
    var freeBuffers: [ChunkBuffer] = []
    var buffersMade = 0
    /// Items were taken that are not recorded yet.
    var isAtWork = false
    /// When output was last dropped.
    var droppedAt = RecordedTime()
  }

  /// Chunks that run loop and recorder have between them: 8 MiB.
  static let maximumBuffers = 32
  /// Chunks in one turn of the queue, so that other writers wait for a few milliseconds at most.
  private static let chunksPerTurn = 8
  private static let statusInterval: Int64 = 1_000_000
  private static let retryInterval: Int64 = 1_000_000
  /// Of a job that does nothing that would be recorded meanwhile.
  private static let idleRetryInterval: Int64 = 5_000_000
  /// Events that plugins were told before they were recorded, to know them again.
  private static let toldLimit = 1000

  /// Whether the recorder is in a turn of the queue, and must not begin one because the process is about to stop.
  private struct Gate {
    var isInTurn = false
    var isStopping = false
  }

  private let shared = Monitor(Shared())
  private let gate = Monitor(Gate())
  /// Readable when there are results or buffers.
  let wake: EventCounter

  /// Of the caller's thread until `start`. Nil while the ledger could not even be opened.
  private(set) var writer: LedgerWriter?
  private let directory: LedgerDirectory
  private let notices: Notices
  private let log: RunLog
  private let plugins: PluginHost?
  /// The position of the last event that plugins were told, and what they were told before it was recorded.
  private var toldN: Int64 = 0
  private var toldUnrecorded: [NewEvent] = []
  private let job: String
  let instance: InstanceID
  private var stream: InstanceStream
  private var totals = OutputTotals()
  private var lastLine = LastLine()
  private let progressFinder: ProgressFinder
  private var outputWatch: OutputWatch
  private var lastStatus: String?
  private var lastStatusAt: Int64 = -statusInterval
  /// How far in time the recorder has come: what it finds out by itself about what was handed over is dated so.
  private var time = RecordedTime()
  private var backlog: Backlog
  /// Output that was dropped since the last event that says so, and the next one.
  private var unrecordedBytes: Int64 = 0
  private var gapReason = ""
  private var gap: NewEvent?
  /// What the last event says, until it is in the ledger.
  private var end: End?

  private struct End {
    let state: RunState
    let ending: Ending
    let at: Int64
    let mono: Int64
  }
  private var retryAt: Int64?
  /// When to read again what others have appended, after it could not be read: in microseconds of the monotonic clock.
  private var lookAgainAt: Int64?
  private var isFinished = false
  /// Of the run loop's side.
  private(set) var hasThread = false
  /// True when one of this instance's events stands where its runner folds the projections.
  private(set) var crossedFoldingPoint = false

  /// - Parameters:
  ///   - writer: nil where the ledger cannot be opened, which is tried again when the run ends.
  ///   - spool: for what cannot be appended.
  init(
    _ writer: LedgerWriter?, _ directory: LedgerDirectory, _ stream: InstanceStream, _ spool: Spool,
    _ watch: WatchSettings, _ log: RunLog,
    _ plugins: PluginHost?, _ notices: Notices
  ) throws(SystemCallError) {
    wake = try EventCounter()
    self.writer = writer
    self.directory = directory
    backlog = Backlog(spool)
    job = stream.job
    instance = stream.instance
    self.stream = stream
    self.notices = notices
    self.log = log
    self.plugins = plugins
    progressFinder = ProgressFinder(watch.progress)
    outputWatch = OutputWatch(watch.outputs)
  }

  // MARK: The run loop's side

  func hand(_ item: Item) {
    shared.change { shared in
      if case .dropped = item { shared.droppedAt.note(.now) }
      // One count for what is dropped while the recorder waits, however many pieces it came in.
      if case .dropped(let more) = item, case .dropped(var sum)? = shared.items.last {
        sum.add(more)
        shared.items[shared.items.count - 1] = .dropped(sum)
      } else {
        shared.items.append(item)
      }
    }
  }

  func takeResults() -> [Result] {
    shared.change { shared in
      defer { shared.results = [] }
      return shared.results
    }
  }

  /// An empty buffer; nil while all are on their way, `wake` tells when to ask again.
  func takeBuffer() -> ChunkBuffer? {
    shared.change { shared in
      if let buffer = shared.freeBuffers.popLast() { return buffer }
      guard shared.buffersMade < Self.maximumBuffers else { return nil }
      shared.buffersMade += 1
      return ChunkBuffer()
    }
  }

  /// Appends the first event, before there is a thread; and, in the same turn, the end that `verdict` says over what
  /// it reads. Durable.
  /// - Parameter isRequired: without it the job will not be run.
  /// - Returns: the end.
  func create(
    _ created: Created, at: Int64, mono: Int64, isRequired: Bool,
    unless verdict: (LedgerReader) throws(LedgerError) -> (RunState, Ending)?
  ) -> RunState? {
    time.note(EventTime(at: at, mono: mono))
    let first = stream.event(.state(.created), created.json, at: at, mono: mono)
    guard let writer else {
      keep([first])
      return nil
    }
    var end: RunState?
    do throws(LedgerError) {
      var isDecided = false
      while !isDecided {
        isDecided = try decide { (reader) throws(LedgerError) in
          end = nil
          guard let (state, ending) = try verdict(reader) else { return [first] }
          end = state
          return [first, newEvent(.state(state), ending.json)]
        }
      }
      return end
    } catch {
      // The turn may have been committed all the same.
      if let last = try? writer.reader.lastEvent(of: instance)?.kind, last.isTerminal {
        return last.state
      }
      keep([first])
      trouble(error, and: isRequired ? Self.notRun : "")
      return nil
    }
  }

  /// What is said where a record is required.
  static let notRun = ", and its job is not run"

  /// Appends what `decision` says over what it reads, in one turn of the queue, before there is a thread. Durable.
  /// - Returns: false, and nothing is appended, when requests have come that must be looked at first.
  @discardableResult
  func decide(
    _ decision: (LedgerReader) throws(LedgerError) -> [NewEvent]
  ) throws(LedgerError) -> Bool {
    let before = stream.appended
    let writer = try openWriter()
    let isDecided = try stream.decide(in: writer, durable: true, decision)
    noteFoldingPoint(before)
    sayWhatWasSealed(writer)
    publishForeign()
    tellPlugins()
    return isDecided
  }

  /// An event of this instance that happens now.
  func newEvent(_ kind: EventKind, _ data: JSON) -> NewEvent {
    NewEvent(
      at: Clock.wallMicroseconds(), mono: Clock.bootMicroseconds(), job: job, instance: instance,
      kind: kind, data: data)
  }

  /// What the instance is in, as far as it was seen.
  var state: RunState? { stream.state }

  /// Where in the ledger the last event was appended.
  var lastSeq: Int64 { stream.lastSeq }

  func start() throws(SystemCallError) -> WorkerThread {
    let thread = try WorkerThread { [self] in work() }
    hasThread = true
    return thread
  }

  /// True when the ledger could not be written.
  var isInTrouble: Bool { writer == nil || retryAt != nil }

  /// What keeps the ledger from being opened: said with where the run is kept instead.
  func isUnopened(_ reason: String, leavesGatesUnasked: Bool) {
    retryAt = .max
    say(reason, and: leavesGatesUnasked ? ", and its gates are not asked" : "")
  }

  /// Ends the record of a job that was not started.
  func finish(_ state: RunState, _ ending: Ending, on thread: consuming WorkerThread?) {
    hand(
      .finish(state, ending, at: Clock.wallMicroseconds(), mono: Clock.bootMicroseconds()))
    if let thread { thread.join() } else { work() }
  }

  /// Runs `stop`, which stops this whole process, when all that has happened is on record and the recorder is in no turn
  /// of the queue; after a second in any case.
  func stopBetweenTurns(_ stop: () -> Void) {
    let patience = Clock.monotonicMicroseconds() + 1_000_000
    if hasThread {
      _ = shared.wait(until: patience) { $0.items.isEmpty && !$0.isAtWork ? true : nil }
    } else {
      workNow()
    }
    gate.change { $0.isStopping = true }
    _ = gate.wait(until: patience) { $0.isInTurn ? nil : true }
    stop()
    gate.change { $0.isStopping = false }
  }

  /// Records until the end has been handed over. On the recorder's thread, or on the caller's for a run whose thread
  /// could not be started, or that needs none.
  func work() {
    while !isFinished {
      let dueAt = [statusDueAt, outputWatch.dueAt, retryDueAt, lookAgainAt].compactMap { $0 }.min()
      process(shared.wait(until: dueAt, Self.takeItems) ?? [])
      shared.change { $0.isAtWork = false }
    }
  }

  /// Records what has been handed over: where there is no thread for it, the run loop does that in between.
  func workNow() {
    while !isFinished, let items = shared.change(Self.takeItems) { process(items) }
    let dueAt = [statusDueAt, outputWatch.dueAt, retryDueAt, lookAgainAt].compactMap { $0 }.min()
    if !isFinished, let dueAt, Clock.monotonicMicroseconds() >= dueAt { process([]) }
  }

  // MARK: The recorder's side

  /// There is something that the ledger does not know yet.
  private var isBehindhand: Bool { !backlog.isEmpty || stream.mustBeginAgain }

  /// In microseconds of the monotonic clock.
  private var retryDueAt: Int64? {
    guard isBehindhand, let retryAt, retryAt != .max else { return nil }
    let left = retryAt - Self.retryInterval + Self.idleRetryInterval - Clock.bootMicroseconds()
    return Clock.monotonicMicroseconds() + max(0, left)
  }

  /// As many items as one turn of the queue may have.
  private static func takeItems(_ shared: inout Shared) -> [Item]? {
    guard !shared.items.isEmpty else { return nil }
    var chunks = 0
    var count = 0
    for item in shared.items {
      if case .output = item { chunks += 1 }
      guard chunks <= chunksPerTurn else { break }
      count += 1
    }
    shared.isAtWork = true
    defer { shared.items.removeFirst(count) }
    return Array(shared.items[..<count])
  }

  private func process(_ items: [Item]) {
    var events: [NewEvent] = []
    var results: [Result] = []
    var isDurable = false
    var syncs = false
    for item in items {
      noteTime(of: item)
      switch item {
      case .event(let kind, let data, let at, let mono):
        events.append(stream.event(kind, data, at: at, mono: mono))
        isDurable = true
      case .request(let kind, let request, let at, let mono):
        events.append(stream.event(kind, request.json, at: at, mono: mono))
        results.append(.recorded(kind, request))
        isDurable = true
      case .output(let buffer, let durable):
        events.append(encode(buffer))
        giveBack(buffer)
        isDurable = isDurable || durable
      case .dropped(let lost):
        count(lost)
        outputWatch.miss(lost)
        drop(lost.bytes, "the ledger could not keep up")
      case .warning(let warning, let at, let mono):
        events.append(warn(warning, at: at, mono: mono))
        isDurable = true
      case .sync: syncs = true
      case .look:
        read()
        results.append(.looked)
      case .finish(let state, let ending, let at, let mono):
        events += lastWarnings(at: at, mono: mono)
        let end = End(state: state, ending: ending, at: at, mono: mono)
        self.end = end
        events.append(finalEvent(end))
        isDurable = true
        isFinished = true
      }
    }
    if let lookAgainAt, Clock.monotonicMicroseconds() >= lookAgainAt { read() }
    if !isFinished {
      if let status = nextStatus() { events.append(status) }
      events += outputWatch.due().map { warn($0) }
    }
    if !events.isEmpty || isBehindhand {
      append(events, durable: isDurable)
    }
    if syncs, !isDurable, retryAt == nil {
      // What it could not flush is flushed by the next turn, or is kept and said then.
      try? writer?.flush()
    }
    publish(results)
  }

  private func noteTime(of item: Item) {
    switch item {
    case .event(_, _, let at, let mono), .request(_, _, let at, let mono),
      .warning(_, let at, let mono), .finish(_, _, let at, let mono):
      time.note(EventTime(at: at, mono: mono))
    case .output(let buffer, _):
      let length = buffer.runs.last?.offset ?? 0
      time.note(EventTime(at: buffer.at &+ length, mono: buffer.mono &+ length))
    case .dropped: time.note(shared.change { $0.droppedAt.newest })
    case .sync, .look: break
    }
  }

  private func encode(_ buffer: ChunkBuffer) -> NewEvent {
    let chunk = buffer.totals
    count(chunk)
    lastLine.take(buffer.bytes)
    outputWatch.take(buffer.bytes, buffer.runs, isBehind: isBehind)
    return stream.event(
      .output, chunk.json, at: buffer.at, mono: buffer.mono,
      output: EncodedOutput(buffer.bytes, runs: buffer.runs))
  }

  private func count(_ chunk: OutputTotals) { totals.add(chunk) }

  /// More than half of the chunks that may be on their way are.
  private var isBehind: Bool {
    shared.change { $0.buffersMade - $0.freeBuffers.count > Self.maximumBuffers / 2 }
  }

  private func giveBack(_ buffer: ChunkBuffer) {
    buffer.clear()
    shared.change { $0.freeBuffers.append(buffer) }
    wake.signal()
  }

  /// When the last line is to be told: at once, but not more often than the interval. The last of many is told too,
  /// though nothing follows it. Nil when it has been.
  private var statusDueAt: Int64? {
    guard let text = lastLine.text, text != lastStatus else { return nil }
    return lastStatusAt + Self.statusInterval
  }

  private func nextStatus() -> NewEvent? {
    let now = Clock.monotonicMicroseconds()
    guard let due = statusDueAt, now >= due, let text = lastLine.text else { return nil }
    lastStatus = text
    lastStatusAt = now
    let status = Status(text: text, progress: progressFinder.progress(in: text))
    return stream.event(.status, status.json, at: time.newest.at, mono: time.newest.mono)
  }

  // MARK: Warnings

  /// Every warning of a run passes here.
  private func warn(
    _ warning: Warning, at: Int64 = Clock.wallMicroseconds(), mono: Int64 = Clock.bootMicroseconds()
  ) -> NewEvent {
    log.warned(warning)
    return stream.event(.warning, warning.json, at: at, mono: mono)
  }

  /// What has not been told, dated with the end that follows.
  private func lastWarnings(at: Int64, mono: Int64) -> [NewEvent] {
    outputWatch.finish()
    let unmatched = outputWatch.unmatchedBytes
    if unmatched > 0 {
      notices.say(
        "\(unmatched) bytes of the output were not looked at for --warn-output: "
          + "it would have taken too long")
    }
    return outputWatch.rest().map { warn($0, at: at, mono: mono) }
  }

  // MARK: The end

  private func finalEvent(_ end: End) -> NewEvent {
    var ending = end.ending
    if ending.output != nil {
      var totals = totals
      if lastLine.endsInsideLine { totals.lines += 1 }
      totals.droppedBytes += unrecordedBytes
      ending.output = totals
      ending.status = lastLine.text
      ending.progress = lastLine.text.flatMap(progressFinder.progress)
    }
    return stream.event(.state(end.state), ending.json, at: end.at, mono: end.mono)
  }

  // MARK: The ledger

  private func openWriter() throws(LedgerError) -> LedgerWriter {
    if let writer { return writer }
    let opened = try LedgerWriter(directory, queueMilliseconds: 1000, sealsDamage: true)
    writer = opened
    return opened
  }

  private func append(_ new: [NewEvent], durable: Bool) {
    if let retryAt, Clock.bootMicroseconds() < retryAt, !isFinished { return keep(new) }
    enterTurn()
    defer { gate.change { $0.isInTurn = false } }
    do throws(LedgerError) {
      let writer = try openWriter()
      // In trouble the job's end waits a second more, not ten.
      writer.queueMilliseconds = retryAt == nil ? 10_000 : isFinished ? 1000 : 0
      let before = stream.appended
      try appendBacklog(to: writer)
      gap = gapEvent()
      try stream.append((gap.map { [$0] } ?? []) + new, to: writer, durable: durable)
      noteFoldingPoint(before)
      sayWhatWasSealed(writer)
      forgetGap()
      retryAt = nil
    } catch {
      // The very one that may have been appended.
      if let gap, backlog.keep(gap, of: stream) { forgetGap() }
      keep(new)
      trouble(error)
    }
    publishForeign()
    tellPlugins()
  }

  private func sayWhatWasSealed(_ writer: LedgerWriter) {
    DamagedNotesNotice.say(writer, notices)
    guard let sealed = writer.sealed else { return }
    writer.sealed = nil
    let begun =
      "a new one was begun\(sealed.recovered?.summary ?? "; taro ledger recover reads what can be read")"
    let rest =
      sealed.file.isEmpty
      ? "a new one was begun" : "it was put aside as \(sealed.file), and \(begun)"
    notices.once("ledger \(directory.path): damaged: \(sealed.reason); \(rest)", topic: "sealed")
    writer.sealingWasSaid(sealed)
  }

  private func appendBacklog(to writer: LedgerWriter) throws(LedgerError) {
    guard !backlog.isEmpty else { return }
    while true {
      let batch = try backlog.nextBatch()
      guard !batch.isEmpty else { break }
      try stream.append(batch, to: writer, durable: true)
      backlog.removeBatch(batch.count)
    }
    backlog.clear()
  }

  /// - Parameter before: how many events the stream had appended.
  private func noteFoldingPoint(_ before: Int64) {
    // Those of one turn stand side by side.
    let first = stream.lastSeq - (stream.appended - before)
    if FoldingPoints.lie(between: first, stream.lastSeq) { crossedFoldingPoint = true }
  }

  private func enterTurn() {
    gate.wait { gate -> Void? in
      guard !gate.isStopping else { return nil }
      gate.isInTurn = true
      return ()
    }
  }

  /// Keeps what cannot be appended now; the last line is told again when it can be.
  private func keep(_ events: [NewEvent]) {
    stream.remember(events)
    for event in events where event.kind != .status {
      var event = event
      if event.kind.isTerminal, let gap = gapEvent(), backlog.keep(gap, of: stream) {
        forgetGap()
        // It is to count what was dropped since it was made.
        event = end.map(finalEvent) ?? event
      }
      guard backlog.keep(event, of: stream) else {
        drop(Int64(event.output?.size ?? 0), "the ledger could not be written")
        continue
      }
      if event.output == nil { tellPlugins(unrecorded: event) }
    }
    backlog.sync()
    if isFinished, backlog.losesEnd, stream.appended > 0 || !backlog.isKeptNowhere {
      notices.once(
        "how this run has ended is kept nowhere: it will be taken for LOST", topic: "end")
    }
  }

  /// Reads what stands in the ledger and was not told: requests of others too, in their places.
  private func tellPlugins() {
    guard let plugins, retryAt == nil, let writer else { return }
    while let events = try? writer.reader.events(of: instance, after: toldN, withOutput: true),
      !events.isEmpty
    {
      for event in events {
        toldN = event.n ?? toldN
        if let index = toldUnrecorded.firstIndex(where: { event.isSame(as: $0) }) {
          toldUnrecorded.remove(at: index)
        } else {
          plugins.tell(event)
        }
      }
    }
  }

  private func tellPlugins(unrecorded event: NewEvent) {
    guard let plugins, !toldUnrecorded.contains(where: { $0.tellsTheSame(as: event) }) else {
      return
    }
    // The oldest may be told twice.
    if toldUnrecorded.count >= Self.toldLimit { toldUnrecorded.removeFirst() }
    toldUnrecorded.append(event)
    plugins.tell(unrecorded: event)
  }

  private func drop(_ bytes: Int64, _ reason: String) {
    unrecordedBytes += bytes
    gapReason = reason
    gap = nil
  }

  /// The same as long as nothing more is dropped: an append that may have worked is repeated with it.
  private func gapEvent() -> NewEvent? {
    guard unrecordedBytes > 0 else { return nil }
    let event =
      gap
      ?? stream.event(
        .outputGap, OutputGap(bytes: unrecordedBytes, reason: gapReason).json,
        at: time.newest.at, mono: time.newest.mono)
    gap = event
    return event
  }

  private func forgetGap() {
    totals.droppedBytes += unrecordedBytes
    unrecordedBytes = 0
    gap = nil
  }

  /// After what could not be appended was kept, or was not.
  private func trouble(_ error: LedgerError, and consequence: String = "") {
    retryAt = writer == nil ? .max : Clock.bootMicroseconds() + Self.retryInterval
    say("\(error)", and: consequence)
  }

  private func say(_ reason: String, and consequence: String = "") {
    let path = backlog.isKeptNowhere ? nil : backlog.spool.path
    let place = path.map { path in
      "kept in \(path)\(backlog.dropsOutput ? ", without its output," : "") until the ledger can take it in"
    }
    notices.once(
      "this run is \(place ?? "not recorded, or not wholly")\(consequence): \(reason)"
        + (CallerLimits.remark.map { "; \($0)" } ?? ""))
    for taken in backlog.spool.takenPlaces {
      notices.once("nothing is kept in \(taken)", topic: taken.path)
    }
  }

  private func read() {
    lookAgainAt = nil
    guard retryAt == nil else { return }
    do throws(LedgerError) { try stream.read(from: openWriter()) } catch {
      // What cannot be written will say why.
      lookAgainAt = Clock.monotonicMicroseconds() + Self.retryInterval
      return
    }
    publishForeign()
    tellPlugins()
  }

  private func publishForeign() {
    let requests = stream.takeForeign().compactMap { event -> Result? in
      event.kind.isControlRequest ? .request(event.kind, ControlRequest(event.json)) : nil
    }
    publish(requests)
  }

  private func publish(_ results: [Result]) {
    guard !results.isEmpty else { return }
    shared.change { $0.results += results }
    wake.signal()
  }
}
