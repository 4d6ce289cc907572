import Events
import Ledger
import Linux
import TestSupport
import Testing

@testable import Operations

@Suite("What is to be told", .temporaryDirectory) struct TellingQueueTests {
  private let writer: LedgerWriter
  private let now = WallTime(microseconds: 1_796_000_000_000_000)

  init() throws { writer = try LedgerWriter(TemporaryDirectory.ledger) }

  private func seconds(_ count: Int64) -> Int64 { count * 1_000_000 }

  private func change(
    _ job: String, _ kind: JobChange.Kind = .failed, at time: WallTime
  ) throws {
    let change = JobChange(
      kind, thread: 1, since: time, bad: 1, noticed: Notice(at: time, seq: 1))
    try writer.append([
      NewEvent(
        at: time, mono: 1, job: job, instance: nil, kind: .jobChanged, data: change.json)
    ])
  }

  private func queue(_ channel: String = "mail") throws -> TellingQueue {
    TellingQueue(try LedgerSession(TemporaryDirectory.ledger), channel: channel) { _, change in
      change.kind != .late
    }
  }

  @Test func `is told to each channel once, in order, without what it does not want`() throws {
    try change("a", at: now)
    try change("a", .late, at: now)
    try change("a", .recovered, at: now)
    for channel in ["mail", "webhook/chat"] {
      let queue = try queue(channel)
      let first = try #require(try queue.next(now: now))
      #expect(first.change.kind == .failed)
      #expect(first.attempt == 1)
      // Its successor waits for it.
      #expect(try queue.next(now: now) == nil)
      try queue.ended(first, error: nil, now: now)
      let second = try #require(try queue.next(now: now))
      #expect(second.change.kind == .recovered)
      try queue.ended(second, error: nil, now: now)
      #expect(try queue.next(now: now + seconds(100_000)) == nil)
    }
  }

  @Test func `is tried again after a while, and given up after three days`() throws {
    try change("a", at: now)
    try change("b", at: now)
    let queue = try queue()
    var item = try #require(try queue.next(now: now))
    #expect(item.job == "a")
    try queue.ended(item, error: "no answer", now: now)
    // What is not told of one job keeps nothing of another one.
    let other = try #require(try queue.next(now: now))
    #expect(other.job == "b")
    try queue.ended(other, error: nil, now: now)
    #expect(try queue.next(now: now + seconds(9)) == nil)
    var time = now + seconds(10)
    var attempts: Int64 = 1
    while let next = try queue.next(now: time) {
      attempts += 1
      #expect(next.attempt == attempts)
      try queue.ended(next, error: "no answer", now: time)
      item = next
      time = time + TellingQueue.pause(after: attempts)
    }
    #expect((70...90).contains(attempts))
    let last = try #require(try writer.reader.newestHostEvent(.tellingEnded))
    #expect(Telling(last.json)?.outcome == .givenUp)
    #expect(try queue.next(now: time + seconds(1_000_000)) == nil)
  }

  @Test func `is told by another one when whoever has begun is gone`() throws {
    try change("a", at: now)
    _ = try #require(try queue().next(now: now))
    #expect(try queue().next(now: now + seconds(100)) == nil)
    let again = try #require(try queue().next(now: now + seconds(121)))
    #expect(again.attempt == 2)
  }

  @Test func `is nothing old where the channel is new`() throws {
    try change("a", at: now - seconds(7200))
    try change("b", at: now - seconds(60))
    let queue = try queue()
    let item = try #require(try queue.next(now: now))
    #expect(item.job == "b")
    try queue.ended(item, error: nil, now: now)
    // One that has told something has been away, and goes on.
    #expect(try queue.next(now: now)?.job == "a")
  }

  @Test func `is taken by one of many at the same moment`() async throws {
    for number in 0..<10 { try change("job \(number)", at: now) }
    let (directory, now) = (TemporaryDirectory.ledger, now)
    let taken = Monitor<[Seq]>([])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<6 {
        group.addTask {
          let session = try LedgerSession(directory)
          let queue = TellingQueue(session, channel: "mail") { _, _ in true }
          while let item = try queue.next(now: now) {
            taken.change { $0.append(item.seq) }
            try queue.ended(item, error: nil, now: now)
          }
        }
      }
      try await group.waitForAll()
    }
    let all = taken.change { $0 }
    #expect(all.count == 10)
    #expect(Set(all).count == 10)
  }
}
