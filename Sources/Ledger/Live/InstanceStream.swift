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
  /// The position of the last event seen.
  package private(set) var n: Int64 = 0
  package private(set) var state: RunState?
  /// Where in the ledger this stream's last append ended.
  package private(set) var lastSeq: Int64 = 0
  /// `created`, and `running` where it has come to that: what a ledger needs that has lost the run's beginning.
  private(set) var opening: [NewEvent] = []
  /// Events of others that were met, oldest first; the caller takes them.
  package private(set) var foreign: [Event] = []

  package init(job: String, instance: InstanceID) {
    self.job = job
    self.instance = instance
  }

  package mutating func takeForeign() -> [Event] {
    defer { foreign = [] }
    return foreign
  }

  /// Takes note of what is to stand in the ledger: what begins a run, however it gets there.
  package mutating func remember(_ events: [NewEvent]) {
    for event in events where [.state(.created), .state(.running)].contains(event.kind) {
      if !opening.contains(where: { $0.kind == event.kind }) { opening.append(event) }
    }
  }

  package func event(
    _ kind: EventKind, _ data: JSON, at: Int64, mono: Int64, output: EncodedOutput? = nil
  ) -> NewEvent {
    NewEvent(
      at: at, mono: mono, job: job, instance: instance, kind: kind, data: data, output: output)
  }

  /// Appends all of the events or none, in one turn of the queue; those that an earlier call has appended without
  /// learning of it (its flush failed) are found and left alone.
  package mutating func append(
    _ new: [NewEvent], to writer: LedgerWriter, durable: Bool
  ) throws(LedgerError) {
    remember(new)
    let after = try Self.state(after: new, from: state, instance)
    var events = new
    while !events.isEmpty {
      do throws(LedgerError) {
        let first = n + 1
        let ends = after?.isTerminal ?? false
        lastSeq = try writer.turn(
          durable: durable, checkpointing: ends ? .whenIdle : .whenLarge
        ) { turn throws(LedgerError) in
          var seq: Int64 = 0
          for (offset, event) in events.enumerated() {
            seq = try turn.append(event, .expected(first + Int64(offset)))
          }
          return seq
        }
        n += Int64(events.count)
        state = after
        return
      } catch {
        guard case .conflict = error else { throw error }
        guard try read(from: writer) else { throw error }
        let met = foreign
        events.removeAll { event in met.contains { $0.isSame(as: event) } }
        foreign.removeAll { event in new.contains { event.isSame(as: $0) } }
      }
    }
    state = after
  }

  /// Appends what `decision` says over what it reads, in one turn of the queue: nothing can come between. It may be
  /// nothing at all.
  /// - Returns: false, and nothing is appended, when others have appended to the instance what was not seen yet; it is
  ///   in `foreign` then.
  package mutating func decide(
    in writer: LedgerWriter, durable: Bool,
    _ decision: (LedgerReader) throws(LedgerError) -> [NewEvent]
  ) throws(LedgerError) -> Bool {
    let (first, instance, before) = (n + 1, instance, state)
    var seq = lastSeq
    var events: [NewEvent] = []
    var after = before
    do throws(LedgerError) {
      try writer.turn(durable: durable) { turn throws(LedgerError) in
        if first > 1, let last = try writer.reader.lastEvent(of: instance)?.n, last >= first {
          throw .conflict(instance, n: first)
        }
        events = try decision(writer.reader)
        after = try Self.state(after: events, from: before, instance)
        for (offset, event) in events.enumerated() {
          seq = try turn.append(event, .expected(first + Int64(offset)))
        }
      }
    } catch {
      guard case .conflict = error, try read(from: writer) else { throw error }
      return false
    }
    remember(events)
    n += Int64(events.count)
    lastSeq = seq
    state = after
    return true
  }

  /// Reads what others have appended to the instance since; false when there is nothing.
  @discardableResult
  package mutating func read(from writer: LedgerWriter) throws(LedgerError) -> Bool {
    let events = try writer.reader.events(of: instance, after: n, withOutput: true)
    guard let last = events.last?.n else { return false }
    foreign += events
    n = last
    if let entered = events.last(where: { $0.kind.state != nil })?.kind.state { state = entered }
    return true
  }

  private static func state(
    after events: [NewEvent], from state: RunState?, _ instance: InstanceID
  ) throws(LedgerError) -> RunState? {
    var state = state
    for next in events.compactMap(\.kind.state) {
      guard RunState.isPossible(from: state, to: next) else {
        throw .impossibleTransition(instance, from: state, to: next)
      }
      state = next
    }
    return state
  }
}
