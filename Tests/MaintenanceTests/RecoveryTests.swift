internal import Events
import Glibc
import Maintenance
import SQLite
import TestSupport
import Testing

@testable import Ledger

@Suite("Recovering a ledger", .temporaryDirectory)
struct RecoveryTests {
  private let directory = TemporaryDirectory.ledger
  private var target: LedgerDirectory { LedgerDirectory("\(TemporaryDirectory.path)/new") }

  private func events(_ directory: LedgerDirectory) throws -> [Event] {
    try LedgerReader(directory).events(after: 0, limit: .max)
  }

  /// Recovers what was written and then made wrong; the new ledger is good.
  private func recover(_ sql: String, rechains: Bool = false) throws -> (Recovered, [Event]) {
    try SampleLedger.write(to: directory)
    try Forgery.run(sql, on: directory, rechains: rechains)
    var keeper = Requester()
    keeper.user = "keeper"
    let recovered = try LedgerRecovery.run(from: directory.path, into: target.path, by: keeper)
    #expect(recovered.by == keeper)
    try expect(LedgerVerification.run(target).problems, is: [])
    let events = try events(target)
    #expect(events.first.map { Recovered($0.json) } == recovered)
    #expect(events.first?.kind == .recovered)
    return (recovered, Array(events.dropFirst()))
  }

  /// What has to be the same, in any ledger.
  private func content(_ event: Event) -> String {
    "\(event.at.microseconds) \(event.mono.microseconds) \(event.job ?? "-") \(event.instance?.text ?? "-") \(event.n ?? 0) "
      + "\(event.kind.name) \(event.payload?.description ?? "")"
  }

  @Test func `of a good ledger everything is there, under another id`() throws {
    let (recovered, new) = try recover("SELECT 1")
    let old = try events(directory)
    #expect(new.map(content) == old.map(content))
    let reader = try LedgerReader(directory)
    #expect(recovered.ledgerID == reader.ledgerID)
    try expect(LedgerReader(target).ledgerID, isNot: reader.ledgerID)
    #expect(recovered.file == directory.database)
    let head = try reader.head()
    #expect(recovered.lastGood == ChainPosition(seq: head.seq, digest: head.digest))
    #expect(recovered.counts.read == 11)
    #expect(recovered.counts.lost == 0)
    // The positions that an event names are moved with the events.
    try expect(HistoryRemoved(new.at(3).json).upTo, is: 4)
    #expect(new.enumerated().allSatisfy { $0 == 3 || $1.data == old[$0].data })
    let output = try LedgerReader(target).output(of: try #require(new.at(6).instance), limit: 9)
    #expect(output.compactMap(\.chunk?.bytes.first) == [65, 66])
  }

  @Test func `a lost created event is made up, and says so`() throws {
    let (recovered, new) = try recover("DELETE FROM event WHERE seq = 5")
    #expect(recovered.counts.lost == 1)
    #expect(recovered.counts.made == 1)
    #expect(recovered.lastGood?.seq == 4)
    #expect(new.count == 11)
    try expect(new.at(4).kind, is: .state(.created))
    try expect(new.at(4).data, is: #"{"recovered":true}"#)
    try expect(new.at(4).at, is: new.at(5).at)
    try expect(new.at(5).kind, is: .state(.running))
  }

  @Test func `a lost running event becomes triggered`() throws {
    let (recovered, new) = try recover("UPDATE event SET at = 1 WHERE seq = 2")
    #expect(recovered.counts.lost == 1)
    #expect(recovered.counts.made == 1)
    try expect(new.at(1).kind, is: .state(.triggered))
    try expect(new.at(1).data, is: #"{"recovered":true}"#)
    try expect(new.at(2).kind, is: .state(.completed))
    try expect(new.at(2).n, is: 3)
  }

  @Test func `an event whose digest alone is damaged is kept`() throws {
    for (index, value) in ["zeroblob(32)", "x'00'"].enumerated() {
      let directory = LedgerDirectory("\(TemporaryDirectory.path)/old\(index)")
      let target = "\(TemporaryDirectory.path)/new\(index)"
      try SampleLedger.write(to: directory)
      try Forgery.run("UPDATE event SET digest = \(value) WHERE seq = 6", on: directory)
      let recovered = try LedgerRecovery.run(
        from: directory.database, into: target, by: Requester())
      let counts = recovered.counts
      #expect(counts.read == 11)
      #expect(counts.lost == 0)
      #expect(counts.made == 0)
    }
  }

  @Test func `an instance that has lost its end has none`() throws {
    let (recovered, new) = try recover("DELETE FROM event WHERE seq = 9")
    #expect(recovered.counts.made == 0)
    #expect(new.count == 10)
    let writer = try LedgerWriter(target)
    try expect(LostInstances.close(try #require(new.at(4).instance), with: writer), is: true)
  }

  @Test func `output that does not fit becomes a gap`() throws {
    let (recovered, new) = try recover("UPDATE output SET data = zeroblob(9) WHERE seq = 7")
    #expect(recovered.counts.chunksLost == 1)
    #expect(recovered.counts.bytesLost == 100)
    #expect(recovered.counts.read == 11)
    #expect(recovered.lastGood?.seq == 11)
    try expect(new.at(6).kind, is: .outputGap)
    try expect(OutputGap(new.at(6).json).bytes, is: 100)
    try expect(new.at(7).kind, is: .output)
  }

  @Test func `what may not follow is left out`() throws {
    let (recovered, new) = try recover(
      "UPDATE event SET kind = 'skipped' WHERE seq = 2", rechains: true)
    #expect(recovered.counts.lost == 1)
    #expect(new.count == 10)
    try expect(new.at(1).kind, is: .state(.skipped))
    try expect(new.at(2).kind, is: .historyRemoved)
    try expect(HistoryRemoved(new.at(2).json).upTo, is: 3)
  }

  @Test func `nothing that is there is overwritten`() throws {
    try SampleLedger.write(to: directory)
    for name in ["new", "new.partial"] {
      let path = "\(TemporaryDirectory.path)/\(name)"
      #expect(mkdir(path, 0o700) == 0)
      if name == "new.partial" { try Files.write([1], to: "\(path)/mine") }
      let error = #expect(throws: LedgerError.self) {
        try LedgerRecovery.run(from: directory.path, into: target.path, by: Requester())
      }
      #expect(error?.description.contains("\(path): it is there already") == true)
      #expect(Files.names(in: path) == (name == "new" ? [] : ["mine"]))
      Files.removeTree(path)
    }
    #expect(throws: LedgerError.self) {
      try LedgerRecovery.run(from: "\(directory.path)/none", into: target.path, by: Requester())
    }
    #expect(!Files.exists(target.path))
  }

  /// Bytes of a ledger changed at random: nothing crashes, and what verify calls trustworthy is in the new ledger.
  @Test func `whatever bytes are flipped, what verify trusts is recovered`() throws {
    var random = SeededGenerator(for: "flipped bytes")
    try writeLonger(&random)
    try Forgery.putIntoOneFile(directory)
    let old = try events(directory)
    let whole = try Files.contents(directory.database)
    for round in 0..<60 {
      var bytes = whole
      for _ in 0...random.below(6) {
        let position = random.below(bytes.count)
        bytes[position] ^= UInt8(1 + random.below(255))
      }
      let damaged = LedgerDirectory("\(TemporaryDirectory.path)/damaged")
      Files.removeTree(damaged.path)
      Files.removeTree(target.path)
      Files.removeTree("\(target.path).partial")
      #expect(mkdir(damaged.path, 0o700) == 0)
      try Files.write(bytes, to: damaged.database)
      try checkRound("round \(round)", damaged, old)
    }
  }

  private func writeLonger(_ random: inout SeededGenerator) throws {
    let writer = try LedgerWriter(directory)
    for index in 0..<60 {
      let instance = InstanceID(createdAt: .epoch + Int64(index) * 1_000_000)
      let pieces = (0..<random.below(4)).map { _ in
        let bytes = (0..<20).map { _ in UInt8(random.below(256)) }
        return SampleLedger.output(instance, bytes, 10 + random.below(9000))
      }
      try writer.turn(durable: false) { turn throws(LedgerError) in
        try turn.append(Sample.event(instance))
        try turn.append(Sample.event(instance, .state(.running)))
        for piece in pieces { try turn.append(piece) }
        try turn.append(Sample.event(instance, .state(.completed)))
      }
    }
  }

  private func checkRound(_ round: String, _ damaged: LedgerDirectory, _ old: [Event]) throws {
    let report: VerificationReport
    do throws(LedgerError) {
      report = try LedgerVerification.run(damaged, limit: .max)
      _ = try LedgerRecovery.run(from: damaged.path, into: target.path, by: Requester())
    } catch {
      // Its first page tells nothing any more, or another format.
      switch error {
      case .missing, .newerFormat, .damaged, .inputOutput: return
      default: throw error
      }
    }
    try expect(LedgerVerification.run(target).problems, is: [], "\(round)")
    let new = try events(target).dropFirst()
    let bad = Set(report.problems.filter { $0.kind == .payload }.map(\.seq))
    let trusted = old.prefix(Int(report.trustworthyUpTo.number))
    for (event, copy) in zip(trusted, new) {
      if bad.contains(event.seq) {
        #expect(copy.kind == .outputGap, "\(round)")
      } else {
        #expect(content(copy) == content(event), "\(round)")
      }
    }
    #expect(new.count >= trusted.count, "\(round)")
  }
}

@Suite struct PositionMapTests {
  @Test func `positions are moved with the events around them`() {
    var map = PositionMap()
    for (old, new) in [(1, 2), (2, 3), (5, 4), (6, 6), (7, 7)] as [(Seq, Seq)] {
      map.add(old: old, new: new)
    }
    let moved = (-1...9).map { map.new(of: Seq($0)) }
    #expect(moved == [0, 0, 2, 3, 3, 3, 4, 6, 7, 7, 7])
  }
}
