internal import Events

/// The place of each note in ledger.lock, and its bytes (docs/format.md). All of it is within one sector of 512
/// bytes, so that a power cut leaves either all of a write or nothing; and what one writer says is in one piece, with its
/// checksum, so that it is one write.
///
/// Earlier versions write and read the same notes at the same places, without the checksums: 0 where there is none. Those
/// of heads stand with the position once more, which an earlier version leaves as it was: where it is another than in
/// the note, that was written since, by such a version, and is believed. Where it is the same, the note was changed.
enum QueueLayout {
  enum Offset {
    static let checkpoints = 0
    static let retention = 8
    static let failedFlush = 16
    /// The position once more, then the checksum, then the note.
    static let head = 48
    static let sealing = 128
    /// The position once more and the file, then the checksum, then the note.
    static let durableHead = 176
    static let walFiles = 232
    static let end = 256
  }

  /// Bytes that are locked (`F_OFD_SETLK`), by earlier versions too.
  enum Lock {
    static let sealing = 128
    static let durableHead = 192
  }

  static let sealingLength = 40

  /// The mark of a flush, 0 where none has ever failed. Earlier versions know its first byte.
  private enum FlushMark {
    /// "failure" behind a 1.
    static let failed: UInt64 = 0x0166_6169_6c75_7265
    /// "flushed" behind a 0.
    static let madeGood: UInt64 = 0x0066_6c75_7368_6564
  }

  // MARK: Writing

  static func bytes(hasFailedFlush: Bool) -> [UInt8] {
    bytes([hasFailedFlush ? FlushMark.failed : FlushMark.madeGood])
  }

  /// The bytes of the note of the last event; nil: there is none yet.
  static func head(_ head: ChainPosition?, _ place: NotedPlace?) -> [UInt8] {
    let words =
      words(head) + [
        place?.session ?? 0, place?.file.inode ?? 0, UInt64(bitPattern: place?.file.madeAt ?? 0),
      ]
    return bytes([words[0], checksum(Offset.head, words[...])] + words)
  }

  static func durableHead(_ head: ChainPosition?, of file: LedgerFile?) -> [UInt8] {
    let words = words(head)
    let tag = UInt64(file.map(Self.tag) ?? 0)
    return bytes(
      [words[0] << 32 | tag, checksum(Offset.durableHead, [tag] + words)] + words)
  }

  static func sealing(_ name: String?) -> [UInt8] {
    let name = Array((name ?? "").utf8.prefix(sealingLength - 1))
    let padded = name + Array(repeating: 0, count: sealingLength - name.count)
    return padded + bytes([checksum(ofName: padded)])
  }

  static func walFiles(_ files: WALFiles) -> [UInt8] {
    let words = [files.wal, files.index]
    return bytes(words + [checksum(Offset.walFiles, words[...])])
  }

  // MARK: Reading

  /// - Parameter bytes: of ledger.lock, from its beginning, as far as it goes.
  static func notes(_ bytes: [UInt8]) -> QueueNotes {
    let missing = max(0, Offset.end - bytes.count)
    return unsafe (missing == 0 ? bytes : bytes + Array(repeating: 0, count: missing))
      .withUnsafeBytes { unsafe notes($0) }
  }

  private static func notes(_ bytes: UnsafeRawBufferPointer) -> QueueNotes {
    var notes = QueueNotes()
    notes.checkpoints = unsafe bytes.loadUnaligned(
      fromByteOffset: Offset.checkpoints, as: UInt64.self)
    let mark = unsafe word(bytes, Offset.failedFlush)
    notes.hasFailedFlush = mark != 0 && mark != FlushMark.madeGood
    unsafe readHead(bytes, &notes)
    unsafe readDurableHead(bytes, &notes)
    unsafe readSealing(bytes, &notes)
    unsafe readWALFiles(bytes, &notes)
    return notes
  }

  private static func readHead(_ bytes: UnsafeRawBufferPointer, _ notes: inout QueueNotes) {
    let (again, sum) = unsafe (word(bytes, Offset.head), word(bytes, Offset.head + 8))
    let first = Offset.head + 16
    let seq = unsafe word(bytes, first)
    func checksum(_ seq: UInt64) -> UInt64 {
      var checksum = NoteChecksum(Offset.head)
      checksum.add(seq)
      for offset in stride(from: first + 8, to: first + 64, by: 8) {
        unsafe checksum.add(word(bytes, offset))
      }
      return checksum.sum
    }
    guard checksum(seq) == sum || isOfEarlier(seq, again, sum, checksum) else {
      notes.damaged.insert(.head)
      return
    }
    notes.head = unsafe position(bytes, first)
    guard notes.head != nil else { return }
    notes.session = unsafe word(bytes, first + 40)
    let inode = unsafe word(bytes, first + 48)
    guard inode != 0 else { return }
    notes.file = unsafe LedgerFile(
      inode: inode, madeAt: Int64(bitPattern: word(bytes, first + 56)))
  }

  private static func readDurableHead(
    _ bytes: UnsafeRawBufferPointer, _ notes: inout QueueNotes
  ) {
    let (before, sum) = unsafe (
      word(bytes, Offset.durableHead), word(bytes, Offset.durableHead + 8)
    )
    let first = Offset.durableHead + 16
    let seq = unsafe word(bytes, first)
    let tag = before & 0xffff_ffff
    func checksum(_ seq: UInt64) -> UInt64 {
      var checksum = NoteChecksum(Offset.durableHead)
      checksum.add(tag)
      checksum.add(seq)
      for offset in stride(from: first + 8, to: first + 40, by: 8) {
        unsafe checksum.add(word(bytes, offset))
      }
      return checksum.sum
    }
    let fits = checksum(seq) == sum
    // Half of the position is there once more.
    let again = seq & ~0xffff_ffff | before >> 32
    guard fits || sum == 0 && before == 0 || isOfEarlier(seq, again, sum, checksum) else {
      notes.damaged.insert(.durableHead)
      return
    }
    notes.durableHead = unsafe position(bytes, first)
    if fits, notes.durableHead != nil { notes.durableTag = UInt32(truncatingIfNeeded: tag) }
  }

  /// Tells whether an earlier version wrote a head that does not fit: it appended more, so it is at another position,
  /// and the old one does not make it fit either. It has set to 0 what it takes back.
  private static func isOfEarlier(
    _ seq: UInt64, _ again: UInt64, _ sum: UInt64, _ checksum: (UInt64) -> UInt64
  ) -> Bool {
    sum == 0 && again == 0 || seq != again && checksum(again) != sum
  }

  private static func readSealing(_ bytes: UnsafeRawBufferPointer, _ notes: inout QueueNotes) {
    let end = Offset.sealing + sealingLength
    // As nearly always.
    var any: UInt64 = 0
    for offset in stride(from: Offset.sealing, to: end, by: 8) { unsafe any |= word(bytes, offset) }
    guard any != 0 else { return }
    let field = unsafe Array(bytes[Offset.sealing..<end])
    let sum = unsafe word(bytes, end)
    let text = String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    let isName = text.hasPrefix(LedgerDirectory.sealedPrefix)
    if isName { notes.sealing = text }
    // Earlier versions set all of it to 0 behind the name.
    guard sum == 0 ? !isName : sum != checksum(ofName: field) else { return }
    notes.damaged.insert(.sealing)
    notes.sealingSum = sum
  }

  private static func readWALFiles(_ bytes: UnsafeRawBufferPointer, _ notes: inout QueueNotes) {
    let words = unsafe (word(bytes, Offset.walFiles), word(bytes, Offset.walFiles + 8))
    let sum = unsafe word(bytes, Offset.walFiles + 16)
    var checksum = NoteChecksum(Offset.walFiles)
    checksum.add(words.0)
    checksum.add(words.1)
    if sum != 0, sum != checksum.sum { notes.damaged.insert(.walFiles) }
    guard words.0 != 0, words.1 != 0 else { return }
    notes.walFiles = WALFiles(wal: words.0, index: words.1)
  }

  private static func position(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> ChainPosition? {
    let seq = unsafe Seq(Int64(bitPattern: word(bytes, offset)))
    let end = offset + 40
    guard seq > .start,
      let digest = unsafe Digest(UnsafeRawBufferPointer(rebasing: bytes[(offset + 8)..<end])),
      digest.numbers.contains(where: { $0 != 0 })
    else { return nil }
    return ChainPosition(seq: seq, digest: digest)
  }

  // MARK: Checksums

  /// Names a file in four bytes; never 0.
  static func tag(_ file: LedgerFile) -> UInt32 {
    let sum = checksum(0, [file.inode, UInt64(bitPattern: file.madeAt)])
    return max(1, UInt32(truncatingIfNeeded: sum))
  }

  /// Tells whether that is the checksum of a name as `sealing` writes it.
  static func isChecksum(_ sum: UInt64, ofSealing name: String) -> Bool {
    let bytes = sealing(name)
    return checksum(ofName: Array(bytes[..<sealingLength])) == sum
  }

  private static func checksum(ofName bytes: [UInt8]) -> UInt64 {
    unsafe bytes.withUnsafeBytes { bytes in
      var checksum = NoteChecksum(Offset.sealing)
      for offset in stride(from: 0, to: sealingLength, by: 8) {
        unsafe checksum.add(word(bytes, offset))
      }
      return checksum.sum
    }
  }

  private static func checksum(_ offset: Int, _ words: ArraySlice<UInt64>) -> UInt64 {
    var checksum = NoteChecksum(offset)
    for word in words { checksum.add(word) }
    return checksum.sum
  }

  private static func words(_ position: ChainPosition?) -> [UInt64] {
    guard let position else { return [0, 0, 0, 0, 0] }
    return [UInt64(bitPattern: position.seq.number)] + position.digest.numbers
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  private static func bytes(_ words: [UInt64]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 * words.count)
    for word in words {
      unsafe withUnsafeBytes(of: word.bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }
    return bytes
  }
}

/// 64 bits over the words of one note: two instructions a word, for a note is checked in each turn. Each step maps what
/// was before it one to one, and so the word: a change within one word always shows, any other but for one in 2^64.
struct NoteChecksum {
  private var value: UInt64

  /// - Parameter offset: where the note begins: one that stands elsewhere does not fit.
  init(_ offset: Int) { value = 0x7461_726f_0000_0000 | UInt64(offset) }

  mutating func add(_ word: UInt64) {
    value = (value ^ word) &* 0x9e37_79b9_7f4a_7c15
    value ^= value >> 32
  }

  /// Never 0, which says that there is none.
  var sum: UInt64 { max(value, 1) }
}
