internal import Events
internal import Ledger
internal import Linux

/// Makes events of what the supervisor hands over, and of what it finds in the output by itself: the status, and warnings.
/// Nothing of it is shared: all that it has in common with the supervisor is behind the mailbox.
struct RecorderLoop: ~Copyable {
  private var journal: RunJournal
  private let mailbox: RecorderMailbox
  private let log: RunLog
  private let reporter: StderrReporter
  private var output: OutputSummary
  private var outputWatch: OutputWatch
  /// The part that is recorded; nil where all is.
  private var kept: KeptOutput?
  private var throttle = StatusThrottle()
  private var isFinished = false

  init(
    _ journal: consuming RunJournal, _ mailbox: RecorderMailbox, _ watch: WatchSettings,
    keeping limit: Int64?, _ log: RunLog, _ reporter: StderrReporter
  ) {
    self.journal = journal
    self.mailbox = mailbox
    self.log = log
    self.reporter = reporter
    output = OutputSummary(ProgressFinder(watch.progress))
    outputWatch = OutputWatch(watch.outputs)
    kept = limit.map { KeptOutput(limit: $0) }
  }

  /// Records until the end has been handed over.
  mutating func work() {
    while !isFinished {
      process(mailbox.waitForItems(until: dueAt))
      mailbox.noteRecorded()
    }
  }

  /// Records what has been handed over, and what is due.
  mutating func workInBetween() {
    while !isFinished, let items = mailbox.takeItems() {
      process(items)
      mailbox.noteRecorded()
    }
    if !isFinished, let dueAt, MonotonicTime.now >= dueAt { process([]) }
  }

  consuming func takeJournal() -> RunJournal { journal }

  private var dueAt: MonotonicTime? {
    [throttle.dueAt(output.text), outputWatch.dueAt, journal.dueAt].compactMap { $0 }.min()
  }

  private mutating func process(_ items: [RecorderMailbox.Item]) {
    var events: [NewEvent] = []
    var results: [RecorderMailbox.Result] = []
    var isDurable = false
    var syncs = false
    var end: JournalEnd?
    for item in items {
      switch item {
      case .event(let kind, let data, let at, let mono):
        events.append(event(kind, data, EventTime(at: at, mono: mono)))
        isDurable = true
      case .request(let kind, let request, let at, let mono):
        events.append(event(kind, request.json, EventTime(at: at, mono: mono)))
        results.append(.recorded(kind, request))
        isDurable = true
      case .output(let buffer, let durable):
        if let event = encode(buffer) { events.append(event) }
        mailbox.giveBack(buffer)
        isDurable = isDurable || durable
      case .dropped(let lost):
        journal.note(mailbox.droppedAt)
        output.miss(lost)
        outputWatch.miss(lost)
        journal.drop(lost.bytes, "the ledger could not keep up")
      case .warning(let warning, let at, let mono):
        let time = EventTime(at: at, mono: mono)
        journal.note(time)
        events.append(warn(warning, time))
        isDurable = true
      case .sync: syncs = true
      case .readLedger:
        journal.read()
        publishRequests()
        results.append(.hasReadLedger)
      case .finish(let state, let ending, let at, let mono):
        let time = EventTime(at: at, mono: mono)
        journal.note(time)
        appendKept(behind: &events)
        events += lastWarnings(time)
        end = JournalEnd(state: state, ending: output.complete(ending), time: time)
        isDurable = true
      }
    }
    journal.readIfDue()
    if let end {
      journal.finish(end, after: events)
      isFinished = true
    } else {
      if let status = nextStatus() { events.append(status) }
      events += outputWatch.due().map { warn($0, .now) }
      journal.append(events, durable: isDurable)
    }
    publishRequests()
    if syncs, !isDurable { journal.flush() }
    mailbox.publish(results)
  }

  /// The record has come that far in time.
  private mutating func event(
    _ kind: EventKind, _ data: JSON, _ time: EventTime, output: EncodedOutput? = nil
  ) -> NewEvent {
    journal.note(time)
    return journal.event(kind, data, time, output: output)
  }

  /// Takes in what was read; nil where nothing of it is to be recorded now.
  private mutating func encode(_ buffer: ChunkBuffer) -> NewEvent? {
    let chunk = buffer.totals
    let length = buffer.runs.last?.offset ?? 0
    journal.note(EventTime(at: buffer.at + length, mono: buffer.mono + length))
    output.take(buffer.bytes, chunk)
    outputWatch.take(buffer.bytes, buffer.runs, isBehind: mailbox.isBehind)
    let now = kept?.takeBeginning(buffer.bytes) ?? buffer.bytes.count
    guard now < buffer.bytes.count else {
      return event(buffer.bytes, buffer.runs, chunk, at: buffer.at, mono: buffer.mono)
    }
    let runs = buffer.runs.split(at: now)
    kept?.hold(
      UnsafeRawBufferPointer(rebasing: buffer.bytes[now...]), runs.behind[...], at: buffer.at,
      mono: buffer.mono)
    guard now > 0 else { return nil }
    let bytes = UnsafeRawBufferPointer(rebasing: buffer.bytes[..<now])
    return event(
      bytes, runs.before, OutputTotals(of: bytes, runs.before), at: buffer.at, mono: buffer.mono)
  }

  private func event(
    _ bytes: UnsafeRawBufferPointer, _ runs: [OutputSegment], _ totals: OutputTotals, at: WallTime,
    mono: BootTime
  ) -> NewEvent {
    journal.event(
      .output, totals.json, EventTime(at: at, mono: mono), output: EncodedOutput(bytes, runs: runs))
  }

  /// Records the end of output of which not all is recorded, a few pieces in a turn of the queue, so that others wait no
  /// longer than for any output.
  private mutating func appendKept(behind events: inout [NewEvent]) {
    guard let (gap, pieces) = kept?.finish() else { return }
    kept = nil
    // Nothing stands in the record behind what came later: how late a piece is, it says itself.
    let time = journal.time.newest
    if let gap {
      output.cut(gap.bytes)
      events.append(journal.event(.outputGap, gap.json, time))
    }
    for piece in pieces {
      if events.count >= RecorderMailbox.chunksPerTurn {
        journal.append(events, durable: false)
        events = []
      }
      events.append(
        piece.bytes.withUnsafeBytes { bytes in
          var totals = OutputTotals(of: bytes, piece.runs)
          totals.late = max(0, time.mono - piece.mono)
          return event(bytes, piece.runs, totals, at: time.at, mono: time.mono)
        })
    }
  }

  private mutating func nextStatus() -> NewEvent? {
    guard let text = throttle.take(output.text, .now) else { return nil }
    return journal.event(.status, output.status(text).json, journal.time.newest)
  }

  private mutating func publishRequests() {
    mailbox.publish(journal.takeRequests().map { .request($0.kind, $0.request) })
  }

  // MARK: Warnings

  /// Every warning of a run passes here.
  private mutating func warn(_ warning: Warning, _ time: EventTime) -> NewEvent {
    log.warned(warning)
    return journal.event(.warning, warning.json, time)
  }

  /// Returns the warnings that have not been told, dated with the end that follows.
  private mutating func lastWarnings(_ time: EventTime) -> [NewEvent] {
    outputWatch.finish()
    let unmatched = outputWatch.unmatchedBytes
    if unmatched > 0 {
      reporter.report(
        "\(unmatched) bytes of the output were not looked at for --warn-output: "
          + "it would have taken too long")
    }
    return outputWatch.rest().map { warn($0, time) }
  }
}
