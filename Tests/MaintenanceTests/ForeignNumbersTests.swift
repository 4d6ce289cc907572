internal import Events
import Ledger
import Maintenance
import TestSupport
import Testing

/// Numbers in a ledger that no taro has written there: a damaged page has them too.
@Suite(.temporaryDirectory) struct ForeignNumbersTests {
  private let directory = TemporaryDirectory.ledger

  /// The job comes first: nobody is ended by an overflow.
  @Test(arguments: [Int64.max, .max - 1, 1 << 62, .min])
  func `a position that no ledger reaches ends nobody`(seq: Int64) throws {
    try SampleLedger.write(to: directory)
    try Forgery.run(
      "UPDATE event SET seq = \(seq) WHERE seq = (SELECT MAX(seq) FROM event)", on: directory)
    let reader = try LedgerReader(directory)
    #expect(reader.missing != nil)
    // In no time, however many positions there seem to be.
    try expect(LedgerFacts(reader).events) { (10...11).contains($0) }
    try expect(LedgerVerification.run(directory).isGood, is: false)
    let writer = try LedgerWriter(sealingDamage: directory, by: Requester())
    try Sample.append(Sample.event(Sample.newID()), to: writer, durable: true)
    #expect(writer.sealed != nil)
    try expect(LedgerVerification.run(directory).problems, is: [])
  }

  @Test(arguments: [Int64.max, .min])
  func `nor does a place in an instance`(n: Int64) throws {
    try SampleLedger.write(to: directory)
    try Forgery.run(
      "UPDATE event SET n = \(n) WHERE seq = (SELECT MAX(seq) FROM event WHERE n IS NOT NULL)",
      on: directory)
    try expect(LedgerVerification.run(directory).isGood, is: false)
    let writer = try LedgerWriter(sealingDamage: directory, by: Requester())
    try Sample.append(Sample.event(Sample.newID()), to: writer)
    let instance = try #require(
      try LedgerReader(directory).events(after: 0, limit: 100).last { $0.n == n }?.instance)
    // It may be refused.
    _ = try? Sample.append(Sample.event(instance, .stopRequested), to: writer)
    try expect(LedgerVerification.run(directory).isGood, is: false)
  }
}
