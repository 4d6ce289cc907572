import Events
import Ledger
import Operations
import TestSupport
import Testing

@Suite("A replay", .temporaryDirectory)
struct ReplayItemsTests {
  private let writer: LedgerWriter
  private let instance = InstanceID(createdAt: 1)

  init() throws {
    writer = try LedgerWriter(TemporaryDirectory.ledger)
    func output(_ at: Int64, _ pieces: [(OutputStream, String, Int64)]) -> NewEvent {
      let runs = pieces.map { OutputSegment(stream: $0.0, offset: $0.2, length: $0.1.utf8.count) }
      let encoded = pieces.flatMap { Array($0.1.utf8) }.withUnsafeBytes {
        EncodedOutput($0, runs: runs)
      }
      return History.event(instance, .output, at: WallTime(microseconds: at), output: encoded)
    }
    try writer.append([
      History.event(instance, .state(.created), at: WallTime(microseconds: 100)),
      History.event(instance, .state(.running), at: WallTime(microseconds: 110)),
      output(120, [(.stdout, "one\n", 0), (.stdout, "two\n", 30), (.stderr, "err\n", 40)]),
      History.event(instance, .warning, at: WallTime(microseconds: 155)),
      History.event(instance, .status, at: WallTime(microseconds: 156)),
      output(200, [(.stdout, "three\n", 0)]),
      History.event(instance, .state(.completed), at: WallTime(microseconds: 210)),
    ])
  }

  private func items(_ change: (inout ReplayItems.Request) -> Void = { _ in }) throws -> [String] {
    var request = ReplayItems.Request()
    change(&request)
    var items = try ReplayItems(try LedgerReader(writer.directory), instance, request)
    var texts: [String] = []
    while let item = try items.next() {
      switch item {
      case .output(let stream, let at, let bytes):
        texts.append(
          "\(at.microseconds) \(stream.name) \(String(decoding: bytes, as: UTF8.self).dropLast())")
      case .event(let event): texts.append("\(event.at.microseconds) \(event.kind.name)")
      case .damaged, .dropped, .gap: texts.append("\(item.at.microseconds) missing")
      }
    }
    return texts
  }

  @Test func `has each piece with its time`() throws {
    try expect(
      items(), is: ["120 stdout one", "150 stdout two", "160 stderr err", "200 stdout three"])
    try expect(items { $0.stream = .stderr }, is: ["160 stderr err"])
    try expect(
      items { $0.isCoalesced = true },
      is: ["120 stdout one\ntwo", "160 stderr err", "200 stdout three"])
  }

  @Test func `has events between them where they are wanted`() throws {
    try expect(
      items { $0.withEvents = true },
      is: [
        "100 created", "110 running", "120 stdout one", "150 stdout two", "155 warning",
        "160 stderr err", "200 stdout three", "210 completed",
      ])
  }

  @Test func `begins and ends where it is to`() throws {
    try expect(
      items {
        $0.isCoalesced = true
        $0.from = WallTime(microseconds: 150)
        $0.to = WallTime(microseconds: 155)
      },
      is: ["150 stdout two"])
    try expect(
      items { $0.from = WallTime(microseconds: 150) },
      is: ["150 stdout two", "160 stderr err", "200 stdout three"])
    try expect(
      items { $0.to = WallTime(microseconds: 160) },
      is: ["120 stdout one", "150 stdout two", "160 stderr err"])
    try expect(
      items {
        ($0.from, $0.to) = (WallTime(microseconds: 151), WallTime(microseconds: 200))
        $0.withEvents = true
      },
      is: ["155 warning", "160 stderr err", "200 stdout three"])
    try expect(items { $0.from = WallTime(microseconds: 201) }, is: [])
    try expect(items { $0.to = WallTime(microseconds: 1) }, is: [])
  }
}

@Suite struct ReplayPaceTests {
  @Test func `Moments come as they came`() {
    var pace = ReplayPace(speed: 1, maximumIdle: nil, start: WallTime(microseconds: 1000))
    #expect(pace.due(WallTime(microseconds: 1500)) == 500)
    #expect(pace.due(WallTime(microseconds: 1500)) == 500)
    // The clock was set back.
    #expect(pace.due(WallTime(microseconds: 900)) == 500)
    #expect(pace.due(WallTime(microseconds: 2500)) == 1500)
  }

  @Test func `Speed and the longest pause make it faster`() {
    var pace = ReplayPace(speed: 10, maximumIdle: 1000, start: WallTime(microseconds: 0))
    #expect(pace.due(WallTime(microseconds: 500)) == 50)
    #expect(pace.due(WallTime(microseconds: 100_500)) == 150)
    #expect(pace.due(WallTime(microseconds: .max)) == 250)
    var slow = ReplayPace(speed: 0.001, maximumIdle: nil, start: WallTime(microseconds: 0))
    #expect(slow.due(WallTime(microseconds: .max)) == .max)
  }
}
