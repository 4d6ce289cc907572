internal import Events
import Glibc
import Linux
import Maintenance
import TestSupport
import Testing

@testable import Ledger

/// What of a ledger comes back whose WAL is damaged: all that stands anywhere else.
@Suite("Recovering a damaged WAL", .temporaryDirectory)
struct WALSalvageTests {
  private let whole: Whole

  /// A ledger of which half is in the WAL.
  private struct Whole {
    let database: [UInt8]
    let wal: [UInt8]
    let events: [Event]
    /// In which frames the digest of each event stands; -1 is the database.
    private let places: [Set<Int>]
    var frames: Int { (wal.count - 32) / 4120 }

    init(_ directory: LedgerDirectory) throws {
      let (database, wal) = try (
        Files.contents(directory.database), Files.contents(directory.wal)
      )
      events = try LedgerReader(directory).events(after: 0, limit: .max)
      places = events.map { event in
        let wanted = event.digest.bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        return Set(
          Self.positions(of: wanted, in: database).map { _ in -1 }
            + Self.positions(of: wanted, in: wal).map { ($0 - 32) / 4120 })
      }
      (self.database, self.wal) = (database, wal)
    }

    private static func positions(of wanted: UInt64, in bytes: [UInt8]) -> [Int] {
      bytes.withUnsafeBytes { bytes in
        (0..<max(0, bytes.count - 8)).filter {
          bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self) == wanted
        }
      }
    }

    /// Positions of events whose digest stands in none but these frames.
    func onlyIn(_ frames: Set<Int>) -> [Seq] {
      zip(events, places).filter { $0.1.isSubset(of: frames) }.map(\.0.seq)
    }
  }

  init() throws {
    let directory = LedgerDirectory("\(TemporaryDirectory.path)/whole")
    try expect(LedgerWorker.start("small", directory.path, "wal").wait(), is: .exited(0))
    whole = try Whole(directory)
    try #require(whole.frames > 3)
  }

  private func recover(_ wal: [UInt8]?) throws -> (Recovered, [Event]) {
    let directory = LedgerDirectory("\(TemporaryDirectory.path)/damaged")
    let target = "\(TemporaryDirectory.path)/recovered"
    for path in [directory.path, target] { Files.removeTree(path) }
    mkdir(directory.path, 0o700)
    try Files.write(whole.database, to: directory.database)
    if let wal { try Files.write(wal, to: directory.wal) }
    let recovered = try LedgerRecovery.run(from: directory.path, into: target, by: Requester())
    try expect(LedgerVerification.run(LedgerDirectory(target)).problems, is: [])
    let events = try LedgerReader(LedgerDirectory(target)).events(after: 0, limit: .max)
    #expect(recovered.counts.read + recovered.counts.made == Int64(events.count - 1))
    return (recovered, Array(events.dropFirst()))
  }

  /// Those of the old ledger that are in the new one.
  private func seqs(_ new: [Event]) -> [Seq] {
    whole.events.filter { old in
      new.contains {
        $0.instance == old.instance && $0.kind == old.kind && $0.payload == old.payload
          && $0.data == old.data
      }
    }.map(\.seq)
  }

  @Test func `where one frame is bad, all that stands elsewhere comes back`() throws {
    var random = SeededGenerator(for: "a byte of each frame")
    for frame in 0..<whole.frames {
      var wal = whole.wal
      wal[32 + 4120 * frame + 24 + random.below(4096)] ^= UInt8(1 + random.below(255))
      let (recovered, new) = try recover(wal)
      let only = whole.onlyIn([frame])
      let lost = whole.events.map(\.seq).filter { !seqs(new).contains($0) }
      #expect(lost.allSatisfy(only.contains), "frame \(frame): \(lost) are lost, \(only) may be")
      #expect(recovered.counts.read >= Int64(whole.events.count - only.count), "frame \(frame)")
    }
  }

  @Test func `what does not cover the pages costs nothing`() throws {
    for place in Array(0..<32)
      + (0..<whole.frames).flatMap({ frame in
        [0, 4, 8, 12, 16, 20].map { 32 + 4120 * frame + $0 }
      })
    {
      var wal = whole.wal
      wal[place] ^= 0x41
      let (recovered, new) = try recover(wal)
      #expect(recovered.counts.lost == 0, "byte \(place)")
      #expect(recovered.counts.chunksLost == 0, "byte \(place)")
      #expect(new.count == whole.events.count, "byte \(place)")
    }
  }

  @Test func `two bad frames in a row hide nothing behind them`() throws {
    for frame in 0..<(whole.frames - 2) {
      var wal = whole.wal
      for bad in [frame, frame + 1] {
        wal.replaceSubrange(
          32 + 4120 * bad..<32 + 4120 * (bad + 1), with: repeatElement(0, count: 4120))
      }
      let (_, new) = try recover(wal)
      let only = whole.onlyIn([frame, frame + 1])
      let lost = whole.events.map(\.seq).filter { !seqs(new).contains($0) }
      #expect(lost.count <= only.count + 4, "frames \(frame), \(frame + 1): \(lost) are lost")
    }
  }

  @Test func `a WAL that is cut, or missing, leaves what is before it`() throws {
    let (gone, _) = try recover(nil)
    #expect(gone.counts.read > 0)
    #expect(gone.counts.read < Int64(whole.events.count))
    var before: Int64 = 0
    for length in stride(from: 0, through: whole.wal.count, by: 1373) {
      let (recovered, _) = try recover(Array(whole.wal[..<length]))
      #expect(recovered.counts.read >= before, "cut at \(length)")
      before = recovered.counts.read
    }
    try expect(recover(whole.wal).0.counts.lost, is: 0)
  }

  @Test func `a database that cannot be read is no reason to leave the WAL`() throws {
    let directory = LedgerDirectory("\(TemporaryDirectory.path)/new")
    try SampleLedger.write(to: directory)
    let id = try LedgerReader(directory).originID
    try Files.write(Array(repeating: 0xff, count: 4096), to: directory.database)
    let recovered = try LedgerRecovery.run(
      from: directory.path, into: "\(TemporaryDirectory.path)/out", by: Requester())
    #expect(recovered.counts.read == 11)
    #expect(recovered.ledgerID == id)
  }

  @Test func `positions tell a listener where to go on`() throws {
    var wal = whole.wal
    wal[32 + 4120 + 30] ^= 1
    let (recovered, new) = try recover(wal)
    let reader = try LedgerReader(LedgerDirectory("\(TemporaryDirectory.path)/recovered"))
    for old in whole.events {
      let position = try #require(
        try reader.position(continuing: recovered.ledgerID, after: old.seq))
      #expect(new.first { $0.seq == position }.map(\.digest) != nil)
      #expect(position <= old.seq + 1)
    }
    try expect(reader.position(continuing: "another", after: 1)) { $0 == nil }
    try expect(reader.position(continuing: recovered.ledgerID, after: 0), is: 0)
  }
}
