import Events
import Glibc
import Linux
import Maintenance
import TestSupport
import Testing

@testable import Ledger

/// Every bit of ledger.lock changed, over a ledger that is good and over one that has lost something: the first is never
/// put aside nor taken for another, and the second never looks good.
@Suite(.temporaryDirectory) struct DamagedNotesTests {
  private var directory: LedgerDirectory { TemporaryDirectory.ledger }
  private static let names = ["ledger.db", "ledger.db-wal", "ledger.lock"]

  /// What was lost of the five events of which three are on disk, and when.
  enum Loss: String, CaseIterable, CustomTestStringConvertible {
    case nothing, durable, lazy, durableInAnotherBoot
    var testDescription: String { rawValue }
  }

  /// The bits that are tried; `TARO_FAULTS=full` (make faults) tries all.
  private func bits() throws -> [Int] {
    let count = try Files.contents(directory.queue).count * 8
    guard Environment.value("TARO_FAULTS") != "full" else { return Array(0..<count) }
    var random = SeededGenerator(for: "bits of ledger.lock")
    return Array(stride(from: random.below(53), to: count, by: 53))
  }

  /// Makes it.
  private func lose(_ loss: Loss) throws {
    do {
      let writer = try LedgerWriter(directory)
      var before: [UInt8] = []
      for number in 1...5 {
        if number == 3, loss == .durable || loss == .durableInAnotherBoot {
          before = try Files.contents(directory.wal)
        }
        if number == 5, loss == .lazy { before = try Files.contents(directory.wal) }
        try Sample.append(Sample.event(Sample.newID()), to: writer, durable: number <= 3)
      }
      if loss != .nothing { try Files.write(before, to: directory.wal) }
    }
    guard loss == .durableInAnotherBoot else { return }
    let notes = try QueueFile.read(directory)
    let place = NotedPlace(file: try #require(notes.file), session: notes.session ^ 1)
    try QueueFile(making: directory).note(#require(notes.head), of: place)
  }

  /// The database keeps its inode, wherever it was put aside.
  private func restore(_ files: [String: [UInt8]]) throws {
    for name in Files.names(in: directory.path) where files[name] == nil {
      let path = "\(directory.path)/\(name)"
      if name.hasPrefix(LedgerDirectory.sealedPrefix), !name.hasSuffix("-wal"),
        !name.hasSuffix("-shm")
      {
        rename(path, directory.database)
      } else {
        Files.removeTree(path)
      }
    }
    for (name, bytes) in files { try Files.write(bytes, to: "\(directory.path)/\(name)") }
  }

  private func isChecked(_ byte: Int) -> Bool {
    [56..<168, 180..<256].contains { $0.contains(byte) }
  }

  private func forEachBit(_ body: (_ byte: Int, _ bit: Int) throws -> Void) throws {
    let files = try Dictionary(
      uniqueKeysWithValues: Self.names.map { name in
        (name, try Files.contents("\(directory.path)/\(name)"))
      })
    let lock = try #require(files["ledger.lock"])
    for bit in try bits() {
      try restore(files)
      var changed = lock
      changed[bit / 8] ^= 1 << (bit % 8)
      try Files.write(changed, to: directory.queue)
      try body(bit / 8, bit)
    }
  }

  @Test func `a good ledger stays what it is, and what does not fit is told and noted anew`() throws
  {
    try lose(.nothing)
    let id = try LedgerReader(directory).ledgerID
    try forEachBit { byte, bit in
      do {
        let reader = try LedgerReader(directory)
        #expect(reader.absent == nil, "bit \(bit)")
        #expect((reader.damagedNotes != nil) == isChecked(byte), "bit \(bit)")
        let report = try LedgerVerification.run(directory)
        #expect(report.problems.map(\.kind) == (isChecked(byte) ? [.notes] : []), "bit \(bit)")
        #expect(report.trustworthyUpTo == 5, "bit \(bit)")
      }
      let writer = try LedgerWriter(sealingDamage: directory, by: Requester())
      try expect(Sample.append(Sample.event(Sample.newID()), to: writer, durable: true), is: 6)
      #expect((writer.damagedNotes != nil) == isChecked(byte), "bit \(bit)")
      #expect(writer.sealed == nil, "bit \(bit)")
      #expect(directory.sealed == [], "bit \(bit)")
      #expect(writer.reader.ledgerID == id, "bit \(bit)")
      let notes = try QueueFile.read(directory)
      #expect(notes.damaged == [], "bit \(bit)")
      #expect(!notes.hasFailedFlush, "bit \(bit)")
      #expect(notes.head?.seq == 6, "bit \(bit)")
      #expect(notes.durableHead?.seq == 6, "bit \(bit)")
    }
  }

  @Test(arguments: Loss.allCases.filter { $0 != .nothing })
  func `a loss is told whatever bit is changed, and proven where a note is left that proves it`(
    _ loss: Loss
  ) throws {
    try lose(loss)
    try forEachBit { byte, bit in
      let isProven: Bool
      do {
        let reader = try LedgerReader(directory)
        isProven = reader.missing != nil
        #expect(isProven || reader.damagedNotes != nil, "bit \(bit)")
        try expect(LedgerVerification.run(directory).isGood, is: false, "bit \(bit)")
      }
      switch loss {
      case .nothing, .durable: #expect(isProven, "bit \(bit)")
      case .lazy: #expect(isProven != (56..<128).contains(byte), "bit \(bit)")
      case .durableInAnotherBoot: #expect(isProven != (180..<232).contains(byte), "bit \(bit)")
      }
      let writer = try LedgerWriter(sealingDamage: directory, by: Requester())
      try Sample.append(Sample.event(Sample.newID()), to: writer, durable: true)
      #expect((writer.sealed != nil) == isProven, "bit \(bit)")
      #expect(isProven || writer.damagedNotes != nil, "bit \(bit)")
    }
  }

  @Test func `a run that lives keeps what it knows when the note is changed under it`() throws {
    let writer = try LedgerWriter(directory)
    for _ in 1...2 { try Sample.append(Sample.event(Sample.newID()), to: writer) }
    var bytes = try Files.contents(directory.queue)
    bytes[80] ^= 1
    try Files.write(bytes, to: directory.queue)
    try expect(Sample.append(Sample.event(Sample.newID()), to: writer, durable: true), is: 3)
    #expect(
      writer.damagedNotes?.description
        == "ledger.lock is damaged: what it says of the last event does not fit its checksum, so "
        + "nobody can know whether events behind 2 are missing")
    try expect(QueueFile.read(directory).damaged, is: [])
  }

  @Test func `where the ledger is gone too, it was there`() throws {
    try lose(.nothing)
    var bytes = try Files.contents(directory.queue)
    bytes[80] ^= 1
    bytes[200] ^= 1
    try Files.write(bytes, to: directory.queue)
    for name in [directory.database, directory.wal, directory.index] { unlink(name) }
    let error = #expect(throws: LedgerError.self) { try LedgerReader(directory) }
    #expect("\(error.map { "\($0)" } ?? "")".contains("ledger.db is gone, and ledger.lock"))
    let writer = try LedgerWriter(sealingDamage: directory, by: Requester())
    #expect(writer.sealed?.reason.contains("ledger.db is gone, and ledger.lock") == true)
  }
}
