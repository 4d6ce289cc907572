import Digests
import Events
import Glibc
import Linux
import TestSupport
import Testing

@testable import Ledger

/// How ledger.lock is laid out, and what its bytes are taken for when they were not written as they stand there.
@Suite(.temporaryDirectory) struct QueueFileTests {
  private var directory: LedgerDirectory { TemporaryDirectory.ledger }
  private var lock: String { directory.queue }

  private static let place = NotedPlace(
    file: LedgerFile(inode: 0x1234_5678, madeAt: 1_795_358_400_123_456_789),
    session: 0x0123_4567_89ab_cdef)
  private static let files = WALFiles(wal: 0x51, index: 0x52)

  private static func position(_ seq: Seq) -> ChainPosition {
    ChainPosition(seq: seq, digest: Digest(of: [UInt8(truncatingIfNeeded: seq.number)]))
  }

  /// A file in which all is noted: event 12, of which 11 are on disk.
  private func noteAll() throws -> [UInt8] {
    try directory.prepare()
    let file = try QueueFile(making: directory)
    file.note(checkpoints: 3)
    file.note(Self.position(12), of: Self.place)
    try file.noteDurable(Self.position(11), of: Self.place, file.read())
    file.note(Self.files)
    return try Files.contents(lock)
  }

  /// As versions without checksums write it.
  private func old(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for range in [48..<64, 168..<192, 248..<256] { for index in range { bytes[index] = 0 } }
    return bytes
  }

  @Test func `what is noted is read, and all of it is one sector`() throws {
    let bytes = try noteAll()
    #expect(bytes.count == 256)
    let notes = QueueLayout.notes(bytes)
    #expect(notes.damaged.isEmpty)
    #expect(notes.checkpoints == 3)
    #expect(!notes.hasFailedFlush)
    #expect(notes.sealing == nil)
    #expect(notes.head == Self.position(12))
    #expect(notes.durableHead == Self.position(11))
    #expect(notes.session == Self.place.session)
    #expect(notes.file == Self.place.file)
    #expect(notes.isOf(Self.place.file))
    #expect(notes.walFiles == Self.files)
    try expect(QueueFile.read(directory), is: notes)
    let file = try QueueFile(making: directory)
    let name = "\(LedgerDirectory.sealedPrefix)20261129T095742Z-2"
    file.noteSealing(name)
    try expect(file.read().sealing, is: name)
    file.noteSealing(nil)
    try expect(file.read(), is: notes)
    file.forgetHeads()
    let forgotten = try file.read()
    #expect(forgotten.damaged.isEmpty)
    #expect(forgotten.lastKnown == nil)
    #expect(forgotten.file == nil)
    #expect(QueueLayout.notes([]) == .none)
  }

  @Test func `a failed flush is told until it was made good, whoever marks it`() throws {
    var bytes = try noteAll()
    let file = try QueueFile(making: directory)
    file.noteFlush(hasFailed: true)
    try expect(file.read().hasFailedFlush, is: true)
    file.noteFlush(hasFailed: false)
    try expect(file.read().hasFailedFlush, is: false)
    // An earlier version knows one byte.
    bytes[16] = 1
    #expect(QueueLayout.notes(bytes).hasFailedFlush)
  }

  @Test func `what versions without checksums have written is read`() throws {
    let bytes = try noteAll()
    var expected = QueueLayout.notes(bytes)
    // Of which file it is, the note of the last event says.
    expected.durableTag = nil
    #expect(QueueLayout.notes(old(bytes)) == expected)
    // 0.1.0 notes neither session nor file, nor what is on disk.
    var first = old(bytes)
    for index in 104..<128 { first[index] = 0 }
    let notes = QueueLayout.notes(Array(first[..<192]))
    #expect(notes.damaged.isEmpty)
    #expect(notes.head == Self.position(12))
    #expect(notes.file == nil)
    #expect(notes.session == 0)
    #expect(notes.durableHead == nil)
  }

  /// How many bytes of a head they write: 0.1.0, and the one that notes session and file.
  @Test(arguments: [40, 64])
  func `what an earlier version writes over it is believed`(length: Int) throws {
    let bytes = try noteAll()
    var written = bytes
    let head = QueueLayout.head(Self.position(15), Self.place).dropFirst(16)
    written.replaceSubrange(64..<(64 + length), with: head.prefix(length))
    let durable = QueueLayout.durableHead(Self.position(14), of: Self.place.file).dropFirst(16)
    if length == 64 { written.replaceSubrange(192..<232, with: durable) }
    let notes = QueueLayout.notes(written)
    #expect(notes.damaged.isEmpty, "\(notes)")
    #expect(notes.head == Self.position(15))
    #expect(notes.file == Self.place.file)
    #expect(notes.durableHead == Self.position(length == 64 ? 14 : 11))
    // It takes back what it has noted with zeros, and names what it puts aside with zeros behind.
    for index in (64..<128).joined(with: 192..<232) { written[index] = 0 }
    let forgotten = QueueLayout.notes(written)
    #expect(forgotten.damaged.isEmpty, "\(forgotten)")
    #expect(forgotten.lastKnown == nil, "\(forgotten)")
    let name = Array("\(LedgerDirectory.sealedPrefix)20261129T095742Z".utf8)
    written.replaceSubrange(
      128..<192, with: name + Array(repeating: 0, count: 64 - name.count))
    let sealing = QueueLayout.notes(written)
    #expect(sealing.damaged.isEmpty)
    #expect(sealing.sealing?.utf8.elementsEqual(name) == true)
    // The first that it appends there may stand anywhere.
    written.replaceSubrange(64..<128, with: QueueLayout.head(Self.position(3), Self.place)[16...])
    let anew = QueueLayout.notes(written)
    #expect(anew.damaged.isEmpty, "\(anew)")
    #expect(anew.head == Self.position(3), "\(anew)")
  }

  @Test func `files that an earlier version has noted since are those that are there`() throws {
    try Sample.append(Sample.event(Sample.newID()), to: LedgerWriter(directory))
    var bytes = try Files.contents(lock)
    for name in [directory.wal, directory.index] {
      try Files.write(Files.contents(name), to: "\(name).new")
      rename("\(name).new", name)
    }
    let named = try #require(WALFiles(directory))
    bytes.replaceSubrange(232..<248, with: QueueLayout.walFiles(named).prefix(16))
    try Files.write(bytes, to: lock)
    try expect(QueueFile.read(directory).damaged, is: [])
  }

  @Test func `a write that was cut off anywhere leaves a head that was there, or none`() throws {
    let before = try noteAll()
    let (old, new) = (Self.position(12), Self.position(13))
    let written = QueueLayout.head(new, Self.place)
    for length in 0...written.count {
      for isEnd in [false, true] {
        var bytes = before
        let range = isEnd ? length..<written.count : 0..<length
        for index in range { bytes[48 + index] = written[index] }
        let notes = QueueLayout.notes(bytes)
        let head = notes.head
        #expect(
          head == old || head == new || head == nil && notes.damaged == [.head],
          "\(range): \(notes)")
      }
    }
  }

  @Test func `each changed bit of a note shows, and none is taken for what another version wrote`()
    throws
  {
    let bytes = try noteAll()
    let good = QueueLayout.notes(bytes)
    for bit in 0..<(bytes.count * 8) {
      var changed = bytes
      changed[bit / 8] ^= 1 << (bit % 8)
      let notes = QueueLayout.notes(changed)
      switch bit / 8 {
      case 56..<128:
        #expect(notes.damaged == [.head], "\(bit)")
        #expect(notes.head == nil, "\(bit)")
      case 128..<168:
        #expect(notes.damaged == [.sealing], "\(bit)")
        #expect(notes.sealing == nil, "\(bit)")
      case 180..<232:
        #expect(notes.damaged == [.durableHead], "\(bit)")
        #expect(notes.durableHead == nil, "\(bit)")
      case 232..<256: #expect(notes.damaged == [.walFiles], "\(bit)")
      case 0..<8: #expect(notes.checkpoints != 3, "\(bit)")
      case 16..<24: #expect(notes.hasFailedFlush, "\(bit)")
      default: #expect(notes == good, "\(bit)")
      }
    }
  }

  @Test func `a ledger that is put aside is found by its checksum, or its name`() throws {
    _ = try noteAll()
    let file = try QueueFile(making: directory)
    let name = "\(LedgerDirectory.sealedPrefix)20261129T095742Z"
    for name in [name, "\(name)-2", "\(LedgerDirectory.sealedPrefix)20261128T095742Z"] {
      try Files.write([], to: "\(directory.path)/\(name)")
    }
    file.noteSealing(name)
    let bytes = try Files.contents(lock)
    for bit in (128 * 8)..<(176 * 8) {
      var changed = bytes
      changed[bit / 8] ^= 1 << (bit % 8)
      #expect(directory.interrupted(QueueLayout.notes(changed)) == name, "\(bit)")
    }
  }
}

extension Range<Int> {
  fileprivate func joined(with other: Range<Int>) -> [Int] { Array(self) + Array(other) }
}
