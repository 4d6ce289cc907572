import Events
import Ledger
import Projections
import SQLite
import TestSupport
import Testing

@testable import Operations

/// Output in pieces: streams, times and offsets, from anywhere, without a gap and without a duplicate.
@Suite(.temporaryDirectory) struct OutputFollowerTests {
  private let writer: LedgerWriter
  private let session: LedgerSession
  private let instance = InstanceID(createdAt: 1_700_000_000_000_000)
  private static let start: WallTime = 1_700_000_000_000_000

  init() throws {
    writer = try LedgerWriter(TemporaryDirectory.ledger)
    session = try LedgerSession(TemporaryDirectory.ledger)
    try writer.append([
      History.event(instance, .state(.created)), History.event(instance, .state(.running)),
    ])
  }

  private typealias Segment = (OutputStream, Int64, String)

  /// Appends a chunk, and gives its event.
  @discardableResult private func append(_ segments: Segment...) throws -> Event {
    let runs = segments.map {
      OutputSegment(stream: $0.0, offset: $0.1, length: $0.2.utf8.count)
    }
    let bytes = segments.flatMap { Array($0.2.utf8) }
    var totals = OutputTotals()
    for segment in segments {
      let size = Int64(segment.2.utf8.count)
      if segment.0 == .stdout { totals.stdoutBytes += size } else { totals.stderrBytes += size }
    }
    let encoded = bytes.withUnsafeBytes { EncodedOutput($0, runs: runs) }
    return try append(.output, totals.json, encoded)
  }

  private func append(
    _ kind: EventKind, _ data: JSON = .object([]), _ output: EncodedOutput? = nil
  ) throws -> Event {
    let position = try session.reader.head().seq
    try writer.append([History.event(instance, kind, data, at: Self.start, output: output)])
    return try session.reader.events(after: position, limit: 1).at(0)
  }

  private func follower(
    _ stream: OutputStream? = nil, from start: OutputFollower.Start = .offset(0)
  ) throws -> OutputFollower {
    let record = try #require(try session.projections.record(of: instance))
    return try OutputFollower(record, in: session, stream: stream, from: start, follows: false)
  }

  private func text(_ item: OutputFollower.Item) -> String {
    switch item {
    case .piece(let piece):
      "\(piece.stream) +\(piece.at - Self.start) \(piece.offset) "
        + String(decoding: piece.bytes, as: UTF8.self)
    case .damaged: "damaged"
    case .dropped(let after): "dropped after \(after)"
    case .gap(let gap): "\(gap.bytes) not recorded"
    }
  }

  private func read(_ follower: inout OutputFollower) throws -> [String] {
    var items: [String] = []
    try follower.read(in: session) { items.append(text($0)) }
    return items
  }

  @Test func `has each piece's stream, time and offset`() throws {
    try append((.stdout, 0, "one"), (.stderr, 5, "two"), (.stderr, 2000, "2"))
    try append((.stdout, 0, "three"))
    var follower = try follower()
    try expect(
      read(&follower),
      is: ["stdout +0 0 one", "stderr +5 3 two2", "stdout +0 7 three"])
    #expect(follower.offset == 12)
    try expect(read(&follower), is: [])
  }

  @Test func `of one stream has offsets within that`() throws {
    try append((.stdout, 0, "one"), (.stderr, 5, "two"), (.stdout, 7, "more"))
    try append((.stderr, 3, "err"))
    var follower = try follower(.stderr)
    try expect(read(&follower), is: ["stderr +5 0 two", "stderr +3 3 err"])
  }

  @Test(arguments: 0...13) func `goes on at any offset`(offset: Int64) throws {
    try append((.stdout, 0, "one"), (.stderr, 5, "two"))
    try append((.stdout, 0, "three"))
    var follower = try follower(from: .offset(offset))
    #expect(follower.offset == min(offset, 11))
    var bytes: [UInt8] = []
    var next = follower.offset
    try follower.read(in: session) {
      guard case .piece(let piece) = $0 else { return }
      #expect(piece.offset == next)
      next = piece.end
      bytes += piece.bytes
    }
    #expect(String(decoding: bytes, as: UTF8.self) == "onetwothree".dropFirst(Int(offset)))
  }

  @Test func `begins with the last lines, and knows their offset`() throws {
    try append((.stdout, 0, "one\ntwo\n"), (.stderr, 5, "three\n"))
    var follower = try follower(from: .lastLines(2))
    #expect(follower.offset == 4)
    try expect(
      read(&follower), is: ["stdout +0 4 two\n", "stderr +5 8 three\n"])
  }

  @Test func `goes on with each event, and ends with the run`() throws {
    try append((.stdout, 0, "one"))
    var follower = try follower()
    try expect(read(&follower), is: ["stdout +0 0 one"])
    let event = try append((.stdout, 0, "two"))
    var items: [String] = []
    try follower.take(event, in: session) { items.append(text($0)) }
    // The same once more is no news.
    try follower.take(event, in: session) { items.append(text($0)) }
    #expect(items == ["stdout +0 3 two"])
    #expect(!follower.hasEnded)
    try follower.take(append(.state(.completed)), in: session) { _ in }
    #expect(follower.hasEnded)
  }

  @Test func `skips what is damaged, and goes on behind it`() throws {
    try append((.stdout, 0, "one"))
    let event = try append((.stdout, 0, "lost"))
    try append((.stdout, 0, "three"))
    let database = try Connection(writer.directory.database, .readWrite, busyMilliseconds: 1000)
    try database.execute("UPDATE output SET size = size + 1 WHERE seq = \(event.seq)")
    var follower = try follower()
    try expect(read(&follower), is: ["stdout +0 0 one", "damaged", "stdout +0 7 three"])
  }

  @Test func `that is dropped while it is followed is told, once`() throws {
    try append((.stdout, 0, "one"))
    var follower = try follower()
    _ = try read(&follower)
    let retained = Retained(
      .events, .age, [instance], counts: .init(), upTo: ChainPosition(seq: 0, digest: .ofNothing),
      ledger: DroppedTotals(events: 0, digest: .ofNothing), by: Requester())
    let event = Event(
      seq: 9, at: 0, mono: 0, job: nil, instance: nil, n: nil, kind: .retained,
      data: retained.json.text, payload: nil, digest: .ofNothing)
    var items: [String] = []
    try follower.take(event, in: session) { items.append(text($0)) }
    try follower.take(event, in: session) { items.append(text($0)) }
    #expect(items == ["dropped after 3"])
    #expect(follower.hasEnded)
  }
}
