internal import Events
import Ledger
import TestSupport
import Testing

@testable import Projections

@Suite("Live instances", .temporaryDirectory)
struct LiveInstancesTests {
  private let writer: LedgerWriter
  private let store: ProjectionStore

  init() throws {
    writer = try LedgerWriter(TemporaryDirectory.ledger)
    store = try ProjectionStore(LedgerReader(TemporaryDirectory.ledger))
  }

  private func expectSame(
    _ followed: LiveInstances, _ asked: LiveInstances,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    // What is no state is not followed.
    func states(_ live: LiveInstances) -> [LiveInstances.Member] {
      live.all.map { member in
        var member = member
        member.lastSeq = 0
        return member
      }
    }
    try #require(states(followed) == states(asked), sourceLocation: sourceLocation)
    try #require(
      Self.left(by: followed) == Self.left(by: asked), sourceLocation: sourceLocation)
    try #require(followed.position == asked.position, sourceLocation: sourceLocation)
  }

  /// Orphans as the names they have and the processes they are; whether a history shows them does not matter here.
  private static func left(by instances: LiveInstances) -> [String] {
    instances.orphans.map { "\($0.name) \($0.leftBehind?.running.json.text ?? "")" }.sorted()
  }

  @Test func `followed event by event are at every position what the projections say`() throws {
    var corpus = Corpus(for: "live instances")
    var followed = try LiveInstances(store)
    var (position, orphans) = (Seq.start, 0)
    // The corpus says nothing unless it has seen orphans; chance brings them sooner or later.
    while position < 400 || (orphans == 0 && position < 5000) {
      position += 1
      try corpus.append(1, to: writer)
      try followed.catchUp(writer.reader)
      #expect(followed.position == position)
      try expectSame(followed, try LiveInstances(store))
      orphans = max(orphans, followed.orphans.count)
    }
    #expect(orphans > 0, "the corpus tells of no orphans")
  }

  @Test
  func `are the same wherever one begins to follow, however many events come at once`() throws {
    var corpus = Corpus(for: "live instances, many at once")
    var followed = [try LiveInstances(store)]
    for size in [1, 30, 300, 7, 1200] {
      try corpus.append(size, to: writer)
      let asked = try LiveInstances(store)
      for index in followed.indices {
        try followed[index].catchUp(writer.reader)
        try expectSame(followed[index], asked)
      }
      followed.append(asked)
    }
  }

  /// Another process may bring the projections further while this one asks them.
  @Test func `meet again what the projections knew already, and count nothing twice`() throws {
    var corpus = Corpus(for: "live instances, ahead")
    for _ in 0..<20 {
      let position = try writer.reader.head().seq
      try corpus.append(60, to: writer)
      let asked = try LiveInstances(store)
      var behind = LiveInstances(
        live: asked.all, orphans: asked.orphans, position: position)
      try behind.catchUp(writer.reader)
      try expectSame(behind, asked)
    }
  }

  @Test
  func `are asked for anew when much has happened, and it is still known how they ended`() throws {
    let (quick, lasting) = ("00000001aaaaaaaa", "00000002bbbbbbbb")
    try History.append(quick, .running, to: writer)
    try History.append(lasting, .running, to: writer)
    var followed = try LiveInstances(store)
    #expect(followed.all.count == 2)
    let instance = try #require(InstanceID(quick))
    try writer.append([History.event(instance, .state(.failed))])
    let other = InstanceID(createdAt: 1)
    try writer.append([History.event(other, .state(.created))])
    try writer.append((0..<2100).map { _ in History.event(other, .status) })
    try followed.catchUp(store)
    try expectSame(followed, try LiveInstances(store))
    #expect(followed.ended.mapValues(\.state) == [instance: .failed])
    #expect(followed[instance] == nil)
    #expect(followed[other]?.state == .created)
  }

  @Test func `tell how those ended that were live`() throws {
    try History.append("00000001aaaaaaaa", .running, .completed, to: writer)
    try History.append("00000002bbbbbbbb", .waiting, to: writer)
    var followed = try LiveInstances(store)
    let instance = try #require(InstanceID("00000002bbbbbbbb"))
    try writer.append([History.event(instance, .state(.cancelled))])
    try followed.catchUp(writer.reader)
    #expect(followed.ended.mapValues(\.state) == [instance: .cancelled])
    #expect(followed.all.isEmpty)
  }
}
