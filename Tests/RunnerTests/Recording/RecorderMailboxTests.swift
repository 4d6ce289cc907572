import Events
import Linux
import TestSupport
import Testing

@testable import Runner

@Suite("The recorder's mailbox")
struct RecorderMailboxTests {
  private func dropped(_ bytes: Int64) -> RecorderMailbox.Item {
    var totals = OutputTotals()
    totals.stdoutBytes = bytes
    return .dropped(totals)
  }

  private func bytes(_ item: RecorderMailbox.Item) -> Int64? {
    if case .dropped(let totals) = item { totals.stdoutBytes } else { nil }
  }

  @Test func `has one count for output that is dropped in pieces`() throws {
    let mailbox = try RecorderMailbox()
    #expect(mailbox.droppedAt.at == 0)
    for count in 1...3 { mailbox.hand(dropped(Int64(count))) }
    mailbox.hand(.sync)
    mailbox.hand(dropped(10))
    let items = try #require(mailbox.takeItems())
    #expect(items.map(bytes) == [6, nil, 10])
    #expect(mailbox.droppedAt.at > 0)
    #expect(mailbox.takeItems() == nil)
  }

  @Test func `has so many buffers and no more, and they come back`() throws {
    let mailbox = try RecorderMailbox()
    var buffers: [ChunkBuffer] = []
    while let buffer = mailbox.takeBuffer() { buffers.append(buffer) }
    #expect(buffers.count == RecorderMailbox.maximumBuffers)
    #expect(mailbox.isBehind)
    #expect(!Poll.wait(mailbox.wake.fd, for: .readable, milliseconds: 0))
    for buffer in buffers { mailbox.giveBack(buffer) }
    #expect(Poll.wait(mailbox.wake.fd, for: .readable, milliseconds: 0))
    #expect(!mailbox.isBehind)
    #expect(mailbox.takeBuffer() != nil)
  }

  @Test func `gives as many chunks as one turn may have, with what stands between`() throws {
    let mailbox = try RecorderMailbox()
    for _ in 0..<10 {
      let buffer = try #require(mailbox.takeBuffer())
      mailbox.hand(.output(buffer, durable: false))
      mailbox.hand(.sync)
    }
    // Up to the ninth chunk.
    #expect(mailbox.takeItems()?.count == 16)
    #expect(mailbox.takeItems()?.count == 4)
    #expect(mailbox.takeItems() == nil)
  }

  @Test func `stops when what was handed over is recorded, and no turn is taken`() throws {
    let mailbox = try RecorderMailbox()
    mailbox.hand(.sync)
    let recorded = Monitor(0)
    let worker = try WorkerThread {
      for _ in 0..<2 {
        _ = mailbox.waitForItems(until: nil)
        mailbox.turns.enter()
        recorded.change { $0 += 1 }
        mailbox.turns.leave()
        mailbox.noteRecorded()
      }
    }
    mailbox.stopBetweenTurns {
      #expect(recorded.change { $0 } == 1)
      mailbox.hand(.sync)
    }
    worker.join()
    #expect(recorded.change { $0 } == 2)
  }

  @Test func `stops after a second in any case`() throws {
    let mailbox = try RecorderMailbox()
    mailbox.hand(.sync)
    var hasStopped = false
    mailbox.stopBetweenTurns { hasStopped = true }
    #expect(hasStopped)
  }
}
