package import Events
internal import Ledger
package import Projections

/// One instance's output, given out in pieces as it is recorded, and how far it has been given out.
///
/// It does not wait: who follows events (``EventFollower``, or a feed of its own) gives it those of the instance. It belongs
/// to no session: any one of the ledger reads for it.
package struct OutputFollower: Sendable {
  /// The place where the follower begins.
  package enum Start: Equatable, Sendable {
    case lastLines(Int)
    /// There, where somebody has looked for it already.
    case place(RecordedOutput.Position)
    /// Behind so many bytes of the wanted stream; 0 is the beginning.
    case offset(Int64)
  }

  /// Output, or what is missing of it.
  package enum Item: Sendable {
    case piece(Piece)
    /// The chunk of this event is damaged.
    case damaged(seq: Seq)
    /// Retention has dropped what comes behind the first `after` bytes that this follower gave, or some of it; told once.
    case dropped(after: Int64)
    /// Output of both streams that was passed on and not recorded stood here. It is no part of the offsets.
    case gap(OutputGap)
  }

  /// Consecutive bytes of one stream.
  package struct Piece: Sendable {
    package let stream: OutputStream
    /// The time at which the first byte was read.
    package let at: WallTime
    /// Bytes of what is followed that are before it.
    package let offset: Int64
    package let bytes: ArraySlice<UInt8>
    /// The offset at which the next piece goes on.
    package var end: Int64 { offset + Int64(bytes.count) }
  }

  package let job: String
  package let instance: InstanceID
  /// The wanted stream; nil for both, as they came.
  package let stream: OutputStream?
  /// The ledger that it is read from.
  package private(set) var ledgerID: String
  package private(set) var hasEnded: Bool
  /// Bytes of what is followed that are behind us, given out or missing.
  package private(set) var offset: Int64 = 0
  /// Bytes that were given out.
  private var given: Int64 = 0
  /// True when what is dropped is known already, or has been told.
  private var knowsDropped: Bool
  private var position = RecordedOutput.Position.start
  /// Its place among the tries of a job; nil where there is one try alone.
  let tries: Tries?
  /// Makes the runner flush sooner; kept for as long as the instance is followed.
  private var mark: Mark?

  private final class Mark: Sendable {
    let held: FollowMark
    init(_ held: consuming FollowMark) { self.held = held }
  }

  /// - Parameters:
  ///   - stream: nil for both, as they came.
  ///   - follows: it is asked for more later; its runner then hands over what it has sooner.
  package init(
    _ record: InstanceRecord, in session: LedgerSession, stream: OutputStream?, from start: Start,
    follows: Bool
  ) throws {
    job = record.job
    instance = record.instance
    ledgerID = session.reader.ledgerID
    hasEnded = record.endedAt != nil
    knowsDropped = record.outputRemovedAt != nil
    self.stream = stream
    tries = Tries(record)
    let output = RecordedOutput(session.reader, record.instance, stream: stream)
    switch start {
    case .offset(0): break
    case .offset(let offset): position = try output.position(atOffset: offset)
    case .lastLines(let count): position = try output.startOfLastLines(count)
    case .place(let place): position = place
    }
    if position != .start { offset = try output.offset(of: position) }
    if follows, !hasEnded { hold(session) }
  }

  /// From a `created` event; nil for any other. It is held when it is to be followed.
  init?(_ event: Event, in session: LedgerSession, stream: OutputStream?) {
    guard event.kind == .state(.created), let instance = event.instance else { return nil }
    job = event.job ?? ""
    self.instance = instance
    ledgerID = session.reader.ledgerID
    hasEnded = false
    knowsDropped = false
    self.stream = stream
    tries = Tries(Created(event.json), of: "\(job)@\(instance)")
  }

  package func matches(_ pattern: Pattern) -> Bool {
    pattern.matches(job: job, instance: instance)
  }

  mutating func hold(_ session: LedgerSession) {
    guard let held = FollowMark(instance, in: session.directory) else { return }
    mark = Mark(held)
    RunFiles.ring(instance, in: session.directory)
  }

  /// Gives what is recorded by now and has not been given.
  /// - Parameter end: the instance's last event that counts.
  package mutating func read(
    in session: LedgerSession, upTo end: Int64 = .max, _ give: (Item) throws -> Void
  ) throws {
    while try readSome(in: session, upTo: end, bytes: LedgerReader.outputAtOnce, give) {}
  }

  /// Gives some of it: about so many bytes.
  /// - Returns: whether there is more.
  package mutating func readSome(
    in session: LedgerSession, upTo end: Int64, bytes: Int, _ give: (Item) throws -> Void
  ) throws -> Bool {
    var (offset, given, knowsDropped) = (offset, given, knowsDropped)
    // Taken over also where `give` has thrown: what it was given counts.
    defer { (self.offset, self.given, self.knowsDropped) = (offset, given, knowsDropped) }
    let output = RecordedOutput(session.reader, instance, stream: stream)
    let read = try output.forSomePieces(from: position, upTo: end, bytes: bytes) { piece in
      switch piece {
      case .bytes(let bytes, let stream, let at):
        let piece = Piece(stream: stream, at: at, offset: offset, bytes: bytes)
        (offset, given) = (piece.end, given + Int64(bytes.count))
        try give(.piece(piece))
      case .damaged(let seq, let bytes):
        offset += bytes
        try give(.damaged(seq: seq))
      case .dropped(let bytes):
        offset += bytes
        if !knowsDropped { try give(.dropped(after: given)) }
        knowsDropped = true
      case .gap(let gap): try give(.gap(gap))
      }
    }
    position = read.position
    return read.hasMore
  }

  /// Takes in one of the instance's events, or one that tells of it: gives the output that it brought; its end ends the
  /// following.
  package mutating func take(
    _ event: Event, in session: LedgerSession, _ give: (Item) throws -> Void
  ) throws {
    if event.droppedInstances.contains(instance) { try drop(give) }
    guard event.instance == instance else { return }
    goOn(in: session, with: event)
    // Not what comes behind it: that may not be on disk yet.
    if event.kind == .output || event.kind == .outputGap, let n = event.n, n > position.n {
      try read(in: session, upTo: n, give)
    }
    if event.kind.isTerminal { end() }
  }

  /// Goes on in a ledger that was recovered from the one that it was read from, with the first of the instance's events there
  /// that is new.
  private mutating func goOn(in session: LedgerSession, with event: Event) {
    guard let n = event.n, ledgerID != session.reader.ledgerID else { return }
    ledgerID = session.reader.ledgerID
    position = RecordedOutput.Position(n: n - 1, skip: 0)
  }

  /// Nothing more comes.
  private mutating func end() {
    hasEnded = true
    mark = nil
  }

  /// Retention has dropped the whole instance.
  private mutating func drop(_ give: (Item) throws -> Void) throws {
    let isNews = !hasEnded && !knowsDropped
    knowsDropped = knowsDropped || isNews
    end()
    if isNews { try give(.dropped(after: given)) }
  }
}
