import Digests
import Events
import Ledger
import Linux
import Projections
import TestSupport
import Testing

@testable import Operations

/// Requests that are asked with a key.
@Suite(.temporaryDirectory) struct RequestKeysTests {
  private let writer: LedgerWriter
  private let session: LedgerSession

  init() throws {
    writer = try LedgerWriter(TemporaryDirectory.ledger)
    session = try LedgerSession(TemporaryDirectory.ledger)
  }

  private func requester(_ key: String, _ request: String = "") -> Requester {
    var requester = Requester()
    requester.via = .rest
    requester.idempotency = self.key(key, request)
    return requester
  }

  private func key(_ key: String, _ request: String = "") -> RequestKey {
    RequestKey(key: Digest(of: Array(key.utf8)), request: Digest(of: Array(request.utf8)))
  }

  @Test func `what stands in the ledger is found, and nothing else`() throws {
    let keys = RequestKeys()
    try expect(keys.use(of: key("a"), session.reader), is: nil)
    let first = try LatchRelease(
      "l", holdsOpen: false, by: requester("a", "x"), in: session, keys: keys)
    let second = try LatchRelease(
      "l", holdsOpen: false, by: requester("a", "x"), in: session, keys: keys)
    #expect(first.repeated == nil && second.repeated?.seq == first.seq)
    // Without keys nobody asks twice.
    _ = try LatchRelease("l", holdsOpen: false, by: requester("a", "x"), in: session)
    try expect(session.reader.head().seq, is: 2)
    let use = try #require(try RequestKeys().use(of: key("a"), session.reader))
    #expect(use.request == key("a", "x").request)
    try expect(RequestKeys().use(of: key("b"), session.reader), is: nil)
  }

  @Test func `is good for a day`() throws {
    let now = WallTime.now
    for hours in [60, 30, 23, 1] as [Int64] {
      let data = Released(latch: "l", by: requester("\(hours)")).json
      try writer.append([
        NewEvent(
          at: now - hours * 3_600_000_000, mono: 1, job: nil, instance: nil, kind: .released,
          data: data)
      ])
    }
    let keys = RequestKeys()
    for (hours, isKnown) in [(60, false), (30, false), (23, true), (1, true)] {
      let use = try keys.use(of: key("\(hours)"), session.reader, now: now)
      #expect((use != nil) == isKnown, "\(hours)")
    }
    let later = now + 2 * 3_600_000_000
    try expect(keys.use(of: key("23"), session.reader, now: later), is: nil)
    #expect(try keys.use(of: key("1"), session.reader, now: later) != nil)
  }

  @Test func `a long ledger is read in parts`() throws {
    for _ in 0..<9 {
      try writer.append(
        (0..<5000).map { _ in
          NewEvent(
            at: .now, mono: 1, job: nil, instance: nil, kind: .jobEnabled,
            data: JobSwitch(pattern: "x").json)
        })
    }
    _ = try JobSwitching(session, by: requester("a")).disable(["x"], until: nil)
    let keys = RequestKeys()
    var parts = 1
    while try keys.readSome(session.reader) { parts += 1 }
    #expect(parts == 3)
    #expect(try keys.use(of: key("a"), session.reader)?.seq == 45_001)
  }

  @Test func `a refusal of a release leaves no event`() throws {
    #expect(throws: LatchRelease.Refusal.nobodyWaits) {
      _ = try LatchRelease(
        "l", holdsOpen: false, by: Requester(), in: session, mayRelease: { _ in true })
    }
    try expect(session.reader.head().seq, is: 0)
  }
}
