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
  private var throttle = StatusThrottle()
  private var isFinished = false

  init(
    _ journal: consuming RunJournal, _ mailbox: RecorderMailbox, _ watch: WatchSettings,
    _ log: RunLog, _ reporter: StderrReporter
  ) {
    self.journal = journal
    self.mailbox = mailbox
    self.log = log
    self.reporter = reporter
    output = OutputSummary(ProgressFinder(watch.progress))
    outputWatch = OutputWatch(watch.outputs)
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
        events.append(encode(buffer))
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

  private mutating func encode(_ buffer: ChunkBuffer) -> NewEvent {
    let chunk = buffer.totals
    let length = buffer.runs.last?.offset ?? 0
    journal.note(EventTime(at: buffer.at + length, mono: buffer.mono + length))
    output.take(buffer.bytes, chunk)
    outputWatch.take(buffer.bytes, buffer.runs, isBehind: mailbox.isBehind)
    return journal.event(
      .output, chunk.json, EventTime(at: buffer.at, mono: buffer.mono),
      output: EncodedOutput(buffer.bytes, runs: buffer.runs))
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
