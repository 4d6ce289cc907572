internal import CLinux
internal import Events
internal import Glibc
internal import Linux

/// What stands in ledger.lock, read at once: what those who append to one ledger tell each other, and the evidence by which
/// a ledger that has lost something is noticed. All of it is within one sector of 512 bytes, so that a power cut leaves
/// either all of a write or nothing.
struct QueueNotes: Equatable {
  /// Where each note begins. The numbers of the first two are in this host's order, all others are big-endian.
  enum Offset {
    static let checkpoints = 0
    static let retention = 8
    static let failedFlush = 16
    static let head = 64
    static let session = 104
    static let file = 112
    static let sealing = 128
    static let durableHead = 192
    static let walFiles = 232
    static let end = 248
  }
  static let sealingLength = 64
  static let positionLength = 40

  /// How often the WAL was checkpointed.
  let checkpoints: UInt64
  /// Whether a flush of the WAL has failed that no checkpoint has made good.
  let hasFailedFlush: Bool
  /// The last event that was appended; nil when nobody has said so.
  let head: ChainPosition?
  /// When that was: of one session nothing can be lost but by damage. 0 when it is not known.
  let session: UInt64
  /// The database that the heads are of; nil when an earlier version has noted them.
  let file: LedgerFile?
  /// The last event that is known to be on disk; nil when nobody has said so.
  let durableHead: ChainPosition?
  /// The file name of a ledger that is put aside, until another has its place and somebody has said so.
  let sealing: String?
  /// The WAL and the index of whoever appended last; nil when nobody has said so.
  let walFiles: WALFiles?

  /// - Parameter bytes: of ledger.lock, from its beginning, as far as it goes.
  init(_ bytes: [UInt8]) {
    let bytes = bytes + Array(repeating: 0, count: max(0, Offset.end - bytes.count))
    func number(_ offset: Int) -> UInt64 {
      bytes[offset..<(offset + 8)].reduce(0) { $0 << 8 | UInt64($1) }
    }
    func position(_ offset: Int) -> ChainPosition? {
      let seq = Int64(truncatingIfNeeded: number(offset))
      let end = offset + QueueNotes.positionLength
      guard seq > 0, let digest = Digest(Array(bytes[(offset + 8)..<end])) else { return nil }
      return ChainPosition(seq: seq, digest: digest)
    }
    checkpoints = bytes.withUnsafeBytes {
      $0.loadUnaligned(fromByteOffset: Offset.checkpoints, as: UInt64.self)
    }
    hasFailedFlush = bytes[Offset.failedFlush] != 0
    head = position(Offset.head)
    session = number(Offset.session)
    let inode = number(Offset.file)
    file =
      inode == 0
      ? nil
      : LedgerFile(inode: inode, madeAt: Int64(truncatingIfNeeded: number(Offset.file + 8)))
    durableHead = position(Offset.durableHead)
    let name = bytes[Offset.sealing..<(Offset.sealing + Self.sealingLength)].prefix { $0 != 0 }
    sealing = name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
    let files = WALFiles(wal: number(Offset.walFiles), index: number(Offset.walFiles + 8))
    walFiles = files.wal == 0 || files.index == 0 ? nil : files
  }

  /// Of a ledger.lock that says nothing.
  static let none = QueueNotes([])

  /// For who only reads: nothing where there is no such file. Three system calls.
  /// - Throws: where it is there and cannot be read: that is not to be taken for one in which nothing was ever noted.
  static func read(_ directory: LedgerDirectory) throws(LedgerError) -> QueueNotes {
    let file: Descriptor
    do throws(SystemCallError) {
      file = try Descriptor.openRegular(directory.queue, O_RDONLY)
    } catch {
      guard error.errno != .noEntry, error.errno != .notDirectory else { return .none }
      throw unreadable(error, directory)
    }
    return try read(file.fd, directory)
  }

  /// Whether somebody lives who is putting the ledger aside. For who only reads.
  static func isBeingSealed(_ directory: LedgerDirectory) -> Bool {
    guard let file = try? Descriptor.openRegular(directory.queue, O_RDONLY) else {
      return false
    }
    return ByteLock.isHeld(file.fd, byte: Offset.sealing)
  }

  static func read(_ fd: Int32, _ directory: LedgerDirectory) throws(LedgerError) -> QueueNotes {
    do throws(SystemCallError) {
      return QueueNotes(try RawIO.read(fd, Offset.end, at: 0))
    } catch { throw unreadable(error, directory) }
  }

  private static func unreadable(
    _ error: SystemCallError, _ directory: LedgerDirectory
  ) -> LedgerError {
    .inputOutput(
      path: directory.path,
      reason: "ledger.lock cannot be read, which says what has to be in the ledger: \(error)")
  }

  /// Whether it would be news that all of that ledger up to this event is on disk.
  func lacksDurable(_ head: ChainPosition, _ place: NotedPlace) -> Bool {
    file == place.file && (durableHead.map { $0.seq < head.seq } ?? true)
  }

  /// The bytes of a head with its session and file.
  static func bytes(_ head: ChainPosition?, _ place: NotedPlace?) -> [UInt8] {
    var bytes = bytes(head)
    append(place?.session ?? 0, to: &bytes)
    append(place?.file.inode ?? 0, to: &bytes)
    append(UInt64(bitPattern: place?.file.madeAt ?? 0), to: &bytes)
    return bytes
  }

  static func bytes(_ files: WALFiles) -> [UInt8] {
    var bytes: [UInt8] = []
    append(files.wal, to: &bytes)
    append(files.index, to: &bytes)
    return bytes
  }

  static func bytes(_ position: ChainPosition?) -> [UInt8] {
    var bytes: [UInt8] = []
    append(UInt64(bitPattern: position?.seq ?? 0), to: &bytes)
    if let position {
      position.digest.append(to: &bytes)
    } else {
      bytes += Array(repeating: 0, count: positionLength - 8)
    }
    return bytes
  }

  private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }
}

/// The file of a database, however it is named: its inode and its birth time (nanoseconds since 1970; 0 where the file
/// system does not know).
struct LedgerFile: Equatable, Sendable {
  let inode: UInt64
  let madeAt: Int64

  /// What is not known on one side tells nothing.
  func isSame(as other: LedgerFile) -> Bool {
    inode == other.inode && (madeAt == 0 || other.madeAt == 0 || madeAt == other.madeAt)
  }
}

/// Where and when a head is noted.
struct NotedPlace: Equatable, Sendable {
  let file: LedgerFile
  /// One boot of one machine with one file system mounted: within it, what was written is read again, on disk or not.
  /// 0 where the boot is not known (no /proc), which is no session.
  let session: UInt64

  /// Nil when there is no database.
  init?(_ directory: LedgerDirectory) {
    var info = stat()
    guard stat(directory.database, &info) == 0 else { return nil }
    let madeAt = clinux_birth_time(directory.database)
    file = LedgerFile(inode: UInt64(info.st_ino), madeAt: madeAt)
    session = Self.session(device: info.st_dev)
  }

  /// - Parameter device: a disk that is pulled out loses what only memory had, and its snapshot is a moment of it, without
  ///   a boot in between.
  private static func session(device: dev_t) -> UInt64 {
    let boot = Host.bootID()
    guard !boot.isEmpty else { return 0 }
    var bytes = Array(boot.utf8)
    withUnsafeBytes(of: UInt64(device).bigEndian) { bytes.append(contentsOf: $0) }
    let number = Digest(of: bytes).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    return max(number, 1)
  }
}
