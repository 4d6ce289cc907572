package import Events
internal import Linux
internal import SQLite

/// An event goes to a position in its instance.
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
    var seq: Seq
    var digest: Digest
    /// True as well when an event stood there already: who appended it may have gone before it was on disk.
    var hasAppended = false
    /// After some errors SQLite has rolled the transaction back by itself: nothing may be added to what is no
    /// longer there, and nothing committed.
    var failure: LedgerError?
    init(seq: Seq, digest: Digest) {
      self.seq = seq
      self.digest = digest
    }
  }

  init(_ writer: LedgerWriter) throws(SQLiteError) {
    self.writer = writer
    let head = try writer.reader.uncheckedHead()
    state = State(seq: head.seq, digest: head.digest)
  }

  var hasAppended: Bool { state.hasAppended }
  package var head: ChainPosition { ChainPosition(seq: state.seq, digest: state.digest) }
  var failure: LedgerError? { state.failure }

  /// Appends one event, not dated before the one before it in its instance, and returns its position in the ledger, or
  /// the old one when the same event stands there already.
  /// - Parameter keepsTime: for an event that stood in another ledger with that time.
  /// - Throws: `ended`, `conflict`.
  @discardableResult
  package func append(
    _ event: NewEvent, _ position: InstancePosition = .next, keepsTime: Bool = false
  ) throws(LedgerError) -> Seq {
    var event = event
    var n: Int64?
    if let instance = event.instance {
      switch try mapped({ () throws(SQLiteError) in try place(event, instance, position) }) {
      case .success(.new(let free, let previous)):
        n = free
        if let previous, !keepsTime {
          event = event.dated(after: previous, bootNow: { .now })
        }
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
  func identify(
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
        at: .now, mono: .now, job: nil, instance: nil,
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
    /// `after`: when the event before it happened; nil when there is none.
    case new(Int64, after: EventTime?)
    case present(seq: Seq)
  }

  private func place(
    _ event: NewEvent, _ instance: InstanceID, _ position: InstancePosition
  ) throws(SQLiteError) -> Result<Place, LedgerError> {
    let known = try writer.statements?.last(of: instance)
    let last = known?.n ?? 0
    let hasEnded = known?.kind.isTerminal ?? false

    if case .expected(let n) = position, n != last &+ 1 {
      guard n <= last, let seq = try seqIfSame(event, instance, n) else {
        return .failure(hasEnded ? .ended(instance) : .conflict(instance, n: n))
      }
      return .success(.present(seq: seq))
    }
    guard !hasEnded else { return .failure(.ended(instance)) }
    guard (last == 0) == (event.kind == .state(.created)) else {
      return .failure(.conflict(instance, n: last &+ 1))
    }
    return .success(.new(last &+ 1, after: known?.time))
  }

  /// The position of the event at `n` if it is this very event.
  private func seqIfSame(
    _ event: NewEvent, _ instance: InstanceID, _ n: Int64
  ) throws(SQLiteError) -> Seq? {
    try writer.statements?.seq(ofSame: event, instance, n)
  }

  private func insert(_ event: NewEvent, n: Int64?) throws(SQLiteError) {
    // Wraps only in a forged ledger, and is refused by the trigger then.
    let seq = state.seq + 1
    // There are none only while the connection is opened anew, which is before a turn.
    guard
      let digest = try writer.statements?.insertion.run(event, seq: seq, n: n, after: state.digest)
    else { return }
    state.digest = digest
    state.seq = seq
    state.hasAppended = true
  }
}
