internal import Glibc
internal import Linux

/// The frames of a WAL, and which of them are whole, whatever of it is damaged (SQLite's file format, section 4).
///
/// The checksum of a frame begins with the one stored in the frame before it. SQLite stops at the first that does not fit,
/// and with it at everything behind; but a frame behind a bad one is proven by the checksum that stands in the bad one, or by
/// the one that the bad one should have. Which frames are of this WAL and not left from the one before it, the salts
/// say, or the checksum of a frame that follows one of this WAL.
package final class WALFrames {
  package struct Frame {
    package let page: UInt32
    /// Pages of the database after the commit that this frame ends; 0 in the middle of a transaction.
    package let pagesAfterCommit: UInt32
    /// Its bytes are those that were written.
    package var isWhole: Bool
  }

  package static let pageBytes = LedgerFormat.pageBytes
  private static let headerBytes = 32
  private static let frameHeaderBytes = 24
  private static let frameBytes = frameHeaderBytes + pageBytes
  /// A WAL that has grown beyond 4 GiB is read as far as that.
  private static let largest = 1 << 20

  private let file: Descriptor
  /// Up to the last one that is of this WAL.
  package private(set) var frames: [Frame] = []
  /// SQLite reads so many of them.
  package private(set) var readable = 0

  /// Reads it; nil when there is no WAL, or none with a frame.
  package init?(_ path: String) {
    do throws(SystemCallError) {
      let file = try Descriptor.openRegular(path, O_RDONLY)
      self.file = file
    } catch { return nil }
    guard let header = try? RawIO.read(file.fd, Self.headerBytes, at: 0),
      header.count == Self.headerBytes
    else { return nil }
    survey(WALHeader(header))
    if frames.isEmpty { return nil }
  }

  /// True when there is something behind what SQLite reads.
  package var hidesFrames: Bool { readable < frames.count }

  /// The page as the frame has it; nil when it cannot be read.
  package func page(_ index: Int) -> [UInt8]? {
    let bytes = try? RawIO.read(
      file.fd, Self.pageBytes, at: Self.position(index) + Int64(Self.frameHeaderBytes))
    return bytes.flatMap { $0.count == Self.pageBytes ? $0 : nil }
  }

  private static func position(_ index: Int) -> Int64 {
    Int64(headerBytes) + Int64(index) * Int64(frameBytes)
  }

  private static let framesTogether = 64

  private func survey(_ header: WALHeader) {
    var chain = WALChain(header, firstFrames: firstHeaders())
    var lastOfThis = -1
    var isReadable = header.isWhole
    var index = 0
    while index < Self.largest,
      let bytes = try? RawIO.read(
        file.fd, Self.framesTogether * Self.frameBytes, at: Self.position(index)),
      bytes.count >= Self.frameBytes
    {
      for start in stride(from: 0, through: bytes.count - Self.frameBytes, by: Self.frameBytes) {
        let verdict = unsafe bytes.withUnsafeBytes { bytes in
          unsafe chain.take(
            UnsafeRawBufferPointer(rebasing: bytes[start..<start + Self.frameBytes]))
        }
        if verdict.provesTheOneBefore, !frames.isEmpty { frames[frames.count - 1].isWhole = true }
        frames.append(verdict.frame)
        if verdict.isOfThisWAL { lastOfThis = index }
        isReadable = isReadable && verdict.isReadBySQLite
        if isReadable, verdict.frame.pagesAfterCommit > 0 { readable = index + 1 }
        index += 1
      }
    }
    frames.removeSubrange((lastOfThis + 1)...)
    readable = min(readable, frames.count)
  }

  private func firstHeaders() -> [[UInt8]] {
    (0..<3).compactMap { index in
      let bytes = try? RawIO.read(file.fd, Self.frameHeaderBytes, at: Self.position(index))
      return bytes.flatMap { $0.count == Self.frameHeaderBytes ? $0 : nil }
    }
  }
}

/// The first 32 bytes of a WAL.
package struct WALHeader {
  package let isBigEndian: Bool
  package let salts: UInt64
  package let stored: WALChecksum
  package let computed: WALChecksum
  /// True when the header is what SQLite asks for before it reads on.
  package let isWhole: Bool

  /// - Parameter bytes: 32 of them.
  package init(_ bytes: [UInt8]) {
    (isBigEndian, salts, stored, computed, isWhole) = unsafe bytes.withUnsafeBytes { bytes in
      let magic = unsafe bytes.bigEndian32(0)
      let stored = unsafe WALChecksum(bytes, at: 24)
      func sum(_ isBigEndian: Bool) -> WALChecksum {
        var sum = WALChecksum()
        unsafe sum.add(bytes[..<24], isBigEndian)
        return sum
      }
      // The last bit of the magic number tells in which order the bytes of a word are summed: the writing host's. It may be
      // what is damaged.
      let isBigEndian = magic == 0x377f_0683 && sum(true) == stored
      let computed = sum(isBigEndian)
      let isWhole =
        unsafe magic & ~1 == 0x377f_0682 && computed == stored && bytes.bigEndian32(4) == 3_007_000
        && bytes.bigEndian32(8) == UInt32(WALFrames.pageBytes)
      return unsafe (isBigEndian, bytes.bigEndian64(16), stored, computed, isWhole)
    }
  }
}

/// Two sums over words of 32 bits (SQLite's file format, section 4.2).
package struct WALChecksum: Equatable {
  private var first: UInt32 = 0
  private var second: UInt32 = 0

  package init() {}

  package init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    first = unsafe bytes.bigEndian32(offset)
    second = unsafe bytes.bigEndian32(offset + 4)
  }

  /// - Parameter bytes: a multiple of 8.
  package mutating func add(_ bytes: Slice<UnsafeRawBufferPointer>, _ isBigEndian: Bool) {
    let bytes = unsafe UnsafeRawBufferPointer(rebasing: bytes)
    var offset = 0
    while offset + 8 <= bytes.count {
      let one = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
      let two = unsafe bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
      first &+= (isBigEndian ? one.bigEndian : one.littleEndian) &+ second
      second &+= (isBigEndian ? two.bigEndian : two.littleEndian) &+ first
      offset += 8
    }
  }
}

/// Goes from frame to frame of a WAL and says which are whole.
package struct WALChain {
  package struct Verdict {
    package let frame: WALFrames.Frame
    /// The checksum that the frame before should have fits this one.
    package let provesTheOneBefore: Bool
    package let isOfThisWAL: Bool
    package let isReadBySQLite: Bool
  }

  private let isBigEndian: Bool
  private let salts: UInt64
  /// The checksums that the next frame's may begin with: the stored one before it, and the one that should be stored.
  private var stored: WALChecksum
  private var computed: WALChecksum?
  private var isBehindThisWAL = true

  package init(_ header: WALHeader, firstFrames: [[UInt8]]) {
    isBigEndian = header.isBigEndian
    (stored, computed) = (header.stored, header.computed == header.stored ? nil : header.computed)
    salts = Self.salts(header, firstFrames)
  }

  /// Returns the salts on which two agree: a byte of one may be damaged.
  private static func salts(_ header: WALHeader, _ frames: [[UInt8]]) -> UInt64 {
    let said =
      [header.salts] + frames.map { unsafe $0.withUnsafeBytes { unsafe $0.bigEndian64(8) } }
    return said.first { salts in said.filter { $0 == salts }.count > 1 } ?? header.salts
  }

  /// - Parameter bytes: header and page.
  package mutating func take(_ bytes: UnsafeRawBufferPointer) -> Verdict {
    let own = unsafe WALChecksum(bytes, at: 16)
    let hasSalts = unsafe bytes.bigEndian64(8) == salts
    let sum = unsafe sum(bytes, from: stored)
    let fits = sum == own
    var fitsComputed = false
    var expected = sum
    if !fits, let computed {
      let other = unsafe self.sum(bytes, from: computed)
      fitsComputed = other == own
      expected = other
    }
    let isWhole = (fits || fitsComputed) && (hasSalts || isBehindThisWAL)
    let isReadable = fits && hasSalts
    let provesBefore = fitsComputed && isWhole
    (stored, computed) = (own, isWhole ? nil : expected)
    isBehindThisWAL = hasSalts || isWhole
    return unsafe Verdict(
      frame: WALFrames.Frame(
        page: bytes.bigEndian32(0), pagesAfterCommit: bytes.bigEndian32(4), isWhole: isWhole),
      provesTheOneBefore: provesBefore, isOfThisWAL: isBehindThisWAL, isReadBySQLite: isReadable)
  }

  private func sum(_ bytes: UnsafeRawBufferPointer, from start: WALChecksum) -> WALChecksum {
    var sum = start
    unsafe sum.add(bytes[..<8], isBigEndian)
    unsafe sum.add(bytes[24...], isBigEndian)
    return sum
  }
}

extension UnsafeRawBufferPointer {
  package func bigEndian16(_ offset: Int) -> Int {
    unsafe Int(UInt16(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
  }

  package func bigEndian32(_ offset: Int) -> UInt32 {
    unsafe UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  package func bigEndian64(_ offset: Int) -> UInt64 {
    unsafe UInt64(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}
