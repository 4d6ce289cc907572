import Events
import Ledger
import Linux
import TestSupport
import Testing

@testable import Runner

@Suite("What plugins are told", .temporaryDirectory)
struct PluginFeedTests {
  private final class Listener: PluginListener {
    let told = Monitor<[String]>([])
    func notify(_ event: Event) { told.change { $0.append(event.data) } }
    func notify(unrecorded event: NewEvent) { told.change { $0.append("! \(event.data)") } }
  }

  private let instance = InstanceID(createdAt: 1)

  private func event(_ number: Int) -> NewEvent {
    NewEvent(
      at: WallTime(number), mono: 0, job: "job", instance: instance, kind: .warning,
      data: .integer(Int64(number)))
  }

  private func recorded(_ events: [NewEvent]) throws -> [Event] {
    let writer = try LedgerWriter(TemporaryDirectory.ledger)
    try writer.turn(durable: false) { turn throws(LedgerError) in
      _ = try turn.append(
        .now(.state(.created), .object([]), of: instance, "job"), .next)
      for event in events { _ = try turn.append(event, .next) }
    }
    return Array(try writer.events(of: instance, after: 1))
  }

  @Test func `is told in the ledger's order, and what was told before is passed over`() throws {
    let listener = Listener()
    var feed = PluginFeed(listener)
    let events = [1, 2, 3].map(event)
    for event in events[1...] { feed.notify(unrecorded: event) }
    // It is kept once more.
    feed.notify(unrecorded: events[1])
    #expect(listener.told.change { $0 } == ["! 2", "! 3"])
    feed.notify(try recorded(events))
    #expect(listener.told.change { $0 } == ["! 2", "! 3", "1"])
    #expect(feed.n == 4)
  }

  @Test func `of very many the oldest may be told twice`() throws {
    let listener = Listener()
    var feed = PluginFeed(listener)
    let events = (0...1000).map(event)
    for event in events { feed.notify(unrecorded: event) }
    #expect(listener.told.change { $0.count } == 1001)
    feed.notify(try recorded(Array(events[0...2])))
    #expect(listener.told.change { $0.suffix(2) } == ["! 1000", "0"])
  }
}
