internal import Events
import Ledger
import Maintenance
import SQLite
import TestSupport

/// A ledger of many runs, mixed with each other, of which a test drops some.
struct RetentionLedger {
  let directory: LedgerDirectory
  let writer: LedgerWriter
  private(set) var ended: [InstanceID] = []
  private(set) var live: [InstanceID] = []
  private var made: Int64 = 0

  init(_ directory: LedgerDirectory = TemporaryDirectory.ledger) throws {
    self.directory = directory
    writer = try LedgerWriter(directory)
  }

  /// Appends so many runs, some of which overlap, the last of which stays live.
  mutating func append(_ count: Int, _ random: inout SeededGenerator) throws {
    for _ in 0..<count {
      made += 1
      let instance = InstanceID(createdAt: .epoch + made * 1_000_000)
      try append([Sample.event(instance), Sample.event(instance, .state(.running))])
      live.append(instance)
      if random.chance(15) { try append([Sample.event(nil, .unknown("seen_later"))]) }
      while live.count > 3 { try end(random.below(live.count), &random) }
    }
    while live.count > 1 { try end(0, &random) }
  }

  private mutating func end(_ index: Int, _ random: inout SeededGenerator) throws {
    let instance = live.remove(at: index)
    let pieces = (0..<random.below(4)).map { _ in
      SampleLedger.output(instance, [UInt8(random.below(256))], 10 + random.below(3000))
    }
    try append(pieces + [Sample.event(instance, .state(.completed))])
    ended.append(instance)
  }

  private func append(_ events: [NewEvent]) throws {
    try writer.turn(durable: false) { turn throws(LedgerError) in
      for event in events { try turn.append(event) }
    }
  }

  /// Drops all of these, in as many turns as it takes. Returns the number of turns.
  @discardableResult
  func drop(
    _ what: Retained.What, _ instances: [InstanceID], _ budget: Retention.Budget = .init(),
    after turn: () throws -> Void = {}
  ) throws -> Int {
    let retention = Retention(writer, by: Requester(), budget: budget)
    var rest = instances[...]
    var turns = 0
    while !rest.isEmpty {
      rest = rest.dropFirst(try retention.dropNext(what, .age, of: rest).done)
      turns += 1
      try turn()
    }
    return turns
  }

  func problems() throws -> [LedgerProblem] { try LedgerVerification.run(directory).problems }

  func events() throws -> [Event] { try LedgerReader(directory).events(after: 0, limit: .max) }

  func outputCount() throws -> Int64 { try integer("SELECT COUNT(*) FROM output") }

  func integer(_ sql: String) throws -> Int64 {
    try Connection(directory.database, .readWrite, busyMilliseconds: 1000).integer(sql)
  }
}

extension Retention.Budget {
  static func small(events: Int = 7, bytes: Int64 = 5000) -> Retention.Budget {
    var budget = Retention.Budget()
    (budget.instances, budget.events, budget.bytes) = (3, events, bytes)
    return budget
  }
}
