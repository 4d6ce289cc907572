package import Events
internal import Linux

/// One instance's events as its runner writes them: numbers them, checks each transition, and meets the requests that
/// others put between them.
///
/// The optimistic lock: an append names the position it expects. Where somebody else's event stands there, nothing is
/// appended, the stream reads what came, and tries again behind it. So nothing is ever decided over a state that the
/// runner has not seen. Repeating an append that may have worked is harmless: what stands there already is not
/// appended twice.
package struct InstanceStream: Sendable {
  package let job: String
  package let instance: InstanceID
  /// The instance's progress, by the events that this stream has appended or met.
  private var progress = InstanceProgress()
  /// The position of the last event seen.
  package var n: Int64 { progress.n }
  package var state: InstanceState? { progress.state }
  /// The id of the ledger in which that is so; nil while it was in none.
  private var ledger: String?
  /// The position in the ledger at which this stream's last append ended.
  package private(set) var lastSeq = Seq.start
  /// The number of events that the stream has appended.
  package private(set) var appended: Int64 = 0
  /// The time of the newest event that the stream has appended or met.
  private var newest: EventTime?
  /// `created`, and `running` where it has come to that: what a ledger needs that has lost the instance's beginning.
  private(set) var opening: [NewEvent] = []
  /// Bytes of output that it has appended.
  private var recordedBytes: Int64 = 0
  /// The ledger has been replaced since the instance began: before anything else it has to begin once more.
  package private(set) var mustBeginAgain = false
  /// The event that says, in the new ledger, how much of the output is not in it; nil once it stands there.
  private var formerOutput: NewEvent?
  /// Events of others that were met.
  private var met: [EventMark] = []
  /// Events of others that were met, oldest first; the caller takes them.
  package private(set) var foreign: [Event] = []

  /// The instance's last position in a ledger, as far as this stream knows.
  package var recorded: RecordedPosition? { ledger.map { RecordedPosition(ledger: $0, n: n) } }

  package init(job: String, instance: InstanceID) {
    self.job = job
    self.instance = instance
  }

  package mutating func takeForeign() -> [Event] {
    defer { foreign = [] }
    return foreign
  }

  /// Takes note of what is to stand in the ledger: what begins an instance, however it gets there.
  package mutating func remember(_ events: [NewEvent]) {
    for event in events where [.state(.created), .state(.running)].contains(event.kind) {
      if !opening.contains(where: { $0.kind == event.kind }) { opening.append(event) }
    }
  }

  package func event(
    _ kind: EventKind, _ data: JSON, at: WallTime, mono: BootTime, output: EncodedOutput? = nil
  ) -> NewEvent {
    NewEvent(
      at: at, mono: mono, job: job, instance: instance, kind: kind, data: data, output: output)
  }

  /// Appends all of the events or none, in one turn of the queue; those that an earlier call has appended without
  /// learning of it (its flush failed) are found and left alone. In a ledger that has taken the place of the one where
  /// the instance began, it begins once more, so that it is whole there.
  /// - Parameter queueMilliseconds: how long each turn waits; nil: as long as the writer's do.
  package mutating func append(
    _ new: [NewEvent], to writer: LedgerWriter, durable: Bool, queueMilliseconds: Int? = nil
  ) throws(LedgerError) {
    remember(new)
    var rest = new
    var events = beginning(before: rest) + rest
    var after = try progress(after: events)
    var replacements = 0
    while !events.isEmpty {
      do throws(LedgerError) {
        try appendOnce(
          events, to: writer, durable: durable || mustBeginAgain, ends: after.hasEnded,
          queueMilliseconds)
        break
      } catch {
        switch error {
        case .ended:
          // By these very events, perhaps, behind somebody else's.
          var ahead = self
          guard try ahead.readForeign(from: writer),
            ahead.foreign.contains(where: { met in rest.contains { met.isSame(as: $0) } })
          else { throw error }
          self = ahead
          let met = foreign
          rest.removeAll { event in met.contains { $0.isSame(as: event) } }
          foreign.removeAll { event in events.contains { event.isSame(as: $0) } }
        case .conflict:
          guard try readForeign(from: writer) else { throw error }
          let met = foreign
          rest.removeAll { event in met.contains { $0.isSame(as: event) } }
          foreign.removeAll { event in events.contains { event.isSame(as: $0) } }
          if let former = formerOutput, met.contains(where: { $0.isSame(as: former) }) {
            formerOutput = nil
          }
        case .replaced:
          let there = noteReplacement(in: writer)
          rest.removeAll { event in there.contains { $0.isSame(as: event) } }
          replacements += 1
          guard replacements <= Self.maximumReplacements else { throw error }
          after = try progress(after: beginning(before: rest) + rest)
        default: throw error
        }
      }
      events = beginning(before: rest) + rest
    }
    (mustBeginAgain, formerOutput) = (false, nil)
  }

  /// A disk that damages each new ledger at once would be filled with them.
  private static let maximumReplacements = 2
  private var replacementsMet = 0

  private mutating func appendOnce(
    _ events: [NewEvent], to writer: LedgerWriter, durable: Bool, ends: Bool,
    _ queueMilliseconds: Int?
  ) throws(LedgerError) {
    let first = n + 1
    lastSeq = try writer.turn(
      durable: durable, checkpointing: ends ? .whenIdle : .whenLarge,
      queueMilliseconds: queueMilliseconds
    ) { turn throws(LedgerError) in
      var seq = Seq.start
      for (offset, event) in events.enumerated() {
        seq = try turn.append(event, .expected(first + Int64(offset)))
      }
      return seq
    }
    noteAppended(events, in: writer)
    for event in events { recordedBytes += Int64(event.output?.size ?? 0) }
  }

  private mutating func noteAppended(_ events: [NewEvent], in writer: LedgerWriter) {
    ledger = writer.reader.ledgerID
    appended += Int64(events.count)
    for event in events {
      let time = EventTime(at: event.at, mono: event.mono)
      progress.note(event.kind, time)
      note(time)
    }
  }

  private mutating func note(_ time: EventTime) { newest = newest?.latest(time) ?? time }

  /// Another ledger stands at the name. An instance that has not begun yet has nothing to begin again.
  /// - Returns: the instance's last events in that one.
  @discardableResult
  private mutating func noteReplacement(in writer: LedgerWriter) -> [Event] {
    guard n > 0 || mustBeginAgain else { return [] }
    // Where it cannot be read, the next append will say so.
    let there = (try? RegainedInstance(instance, in: writer.reader)) ?? RegainedInstance()
    (progress, mustBeginAgain) = (there.progress, true)
    ledger = there.n > 0 ? writer.reader.ledgerID : nil
    var missing = recordedBytes
    if there.n > 0 {
      foreign += there.ofOthers.filter { !met.contains(EventMark($0)) }
      met += foreign.map { EventMark($0) }
      missing -= there.outputBytes
      recordedBytes = max(recordedBytes, there.outputBytes)
    }
    guard formerOutput == nil, missing > 0 else { return there.last }
    let gap = OutputGap(
      bytes: missing,
      reason: there.n == 0
        ? "recorded in the ledger before this one" : "damaged in the ledger")
    // With what was recorded last: what follows here may have happened before this was noticed.
    let time =
      newest ?? .now
    formerOutput = event(.outputGap, gap.json, at: time.at, mono: time.mono)
    return there.last
  }

  /// Returns the events that the instance still needs, before these, in a ledger that knows nothing of it. They stay
  /// the same until they stand there.
  private func beginning(before events: [NewEvent]) -> [NewEvent] {
    guard mustBeginAgain else { return formerOutput.map { [$0] } ?? [] }
    return progress.missing(of: opening, before: events) + (formerOutput.map { [$0] } ?? [])
  }

  /// Appends what `decision` says over what it reads, in one turn of the queue: nothing can come between. It may be
  /// nothing at all.
  /// - Returns: false, and nothing is appended, when the decision has to be made anew: others have appended to the
  ///   instance what was not seen yet, it is in `foreign` then; or the ledger was replaced, and the instance has begun
  ///   once more in the new one.
  package mutating func decide(
    in writer: LedgerWriter, durable: Bool, queueMilliseconds: Int? = nil,
    _ decision: (LedgerReader) throws(LedgerError) -> [NewEvent]
  ) throws(LedgerError) -> Bool {
    guard !mustBeginAgain else {
      try append([], to: writer, durable: true, queueMilliseconds: queueMilliseconds)
      return false
    }
    let (first, instance) = (n + 1, instance)
    var seq = lastSeq
    var events: [NewEvent] = []
    do throws(LedgerError) {
      try writer.turn(
        durable: durable, queueMilliseconds: queueMilliseconds
      ) { turn throws(LedgerError) in
        if first > 1, let last = try writer.reader.lastEvent(of: instance)?.n, last >= first {
          throw .conflict(instance, n: first)
        }
        events = try decision(writer.reader)
        _ = try progress(after: events)
        for (offset, event) in events.enumerated() {
          seq = try turn.append(event, .expected(first + Int64(offset)))
        }
      }
    } catch {
      switch error {
      case .conflict:
        guard try readForeign(from: writer) else { throw error }
      case .replaced:
        noteReplacement(in: writer)
        replacementsMet += 1
        guard replacementsMet <= Self.maximumReplacements else { throw error }
        if mustBeginAgain {
          try append([], to: writer, durable: true, queueMilliseconds: queueMilliseconds)
        }
      default: throw error
      }
      return false
    }
    remember(events)
    noteAppended(events, in: writer)
    lastSeq = seq
    return true
  }

  /// Reads what others have appended to the instance since; false when there is nothing.
  @discardableResult
  package mutating func read(
    from writer: LedgerWriter, queueMilliseconds: Int? = nil
  ) throws(LedgerError) -> Bool {
    do throws(LedgerError) {
      try writer.followReplacement(queueMilliseconds: queueMilliseconds)
    } catch {
      guard case .replaced = error, n > 0 || mustBeginAgain else { throw error }
      noteReplacement(in: writer)
    }
    guard !mustBeginAgain else {
      try append([], to: writer, durable: true, queueMilliseconds: queueMilliseconds)
      return false
    }
    return try readForeign(from: writer)
  }

  private mutating func readForeign(from writer: LedgerWriter) throws(LedgerError) -> Bool {
    var isNew = false
    while true {
      let events = try writer.reader.events(of: instance, after: n, withOutput: true)
      guard !events.isEmpty else { return isNew }
      foreign += events
      met += events.map { EventMark($0) }
      for event in events {
        progress.note(event)
        note(EventTime(at: event.at, mono: event.mono))
      }
      ledger = writer.reader.ledgerID
      mustBeginAgain = false
      isNew = true
    }
  }

  /// - Throws: `impossibleTransition` where they may not follow what this stream has seen.
  private func progress(after events: [NewEvent]) throws(LedgerError) -> InstanceProgress {
    var ahead = progress
    for event in events {
      if let next = event.kind.state, !ahead.allows(next) {
        throw .impossibleTransition(instance, from: ahead.state, to: next)
      }
      ahead.note(event.kind, EventTime(at: event.at, mono: event.mono))
    }
    return ahead
  }
}
