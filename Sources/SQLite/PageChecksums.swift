internal import CSQLite

/// Notices a flipped byte of a database file: the last 8 bytes of each page, which SQLite leaves alone
/// (SQLITE_FCNTL_RESERVE_BYTES, sqlite.org/fileformat2.html#resbyte), hold a checksum over the others and the page's
/// place. SQLite itself has none, and what stands wrongly in an index makes answers wrong silently.
///
/// A layer over SQLite's own way to files (sqlite.org/vfs.html), for the main database file alone: the checksum is
/// made when a page is written there, which in WAL mode is at a checkpoint, and checked when it is read. WAL frames have
/// checksums of their own. No reader meets a page that is being written: SQLite's locks see to that.
enum PageChecksums {
  /// The use that a connection makes of the checksums of its file.
  enum Use: CaseIterable {
    /// Makes and checks them: a page that does not fit cannot be read (SQLITE_IOERR_DATA).
    case check
    /// Makes them alone: for a file that is to be emptied, whatever stands in it.
    case make

    var name: String { self == .check ? "taro-check-pages" : "taro-make-pages" }
  }

  static let size: Int32 = 8

  /// Shorter reads are of the header's fields, shorter writes are none of pages.
  private static let leastPage: Int32 = 512

  /// Makes the names known to SQLite, once in a process.
  static let areRegistered: Bool = {
    guard let own = unsafe sqlite3_vfs_find(nil) else { return false }
    for use in Use.allCases {
      // They stay as long as the process: SQLite keeps the pointers.
      let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
      unsafe vfs.initialize(to: own.pointee)
      unsafe vfs.pointee.pNext = nil
      unsafe vfs.pointee.szOsFile += Int32(frontSize)
      unsafe vfs.pointee.zName = UnsafePointer(permanentCopy(of: use.name))
      switch use {
      case .check: unsafe vfs.pointee.xOpen = unsafe openChecking
      case .make: unsafe vfs.pointee.xOpen = unsafe openMaking
      }
      guard unsafe sqlite3_vfs_register(vfs, 0) == SQLITE_OK else { return false }
    }
    return true
  }()

  private static func permanentCopy(of text: String) -> UnsafeMutablePointer<CChar> {
    let bytes = text.utf8CString
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    for (index, byte) in bytes.enumerated() { unsafe copy[index] = byte }
    return unsafe copy
  }

  /// FNV-1a over words, not bytes: each step can be undone, so no change of a single word goes unnoticed.
  fileprivate static func checksum(
    _ page: UnsafeRawPointer, _ count: Int, at offset: sqlite3_int64
  ) -> UInt64 {
    var sum = 0xcbf2_9ce4_8422_2325 ^ UInt64(bitPattern: offset)
    for index in stride(from: 0, to: count - Int(size), by: 8) {
      let word = unsafe page.loadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian
      sum = (sum ^ word) &* 0x100_0000_01b3
      sum ^= sum >> 29
    }
    return sum
  }

  fileprivate static func isRight(
    _ page: UnsafeRawPointer, _ count: Int32, at offset: sqlite3_int64
  ) -> Bool {
    guard count >= leastPage else { return true }
    let stored = unsafe page.loadUnaligned(
      fromByteOffset: Int(count - size), as: UInt64.self)
    return unsafe stored.littleEndian == checksum(page, Int(count), at: offset)
  }

  fileprivate static func write(
    _ file: UnsafeMutablePointer<sqlite3_file>, _ bytes: UnsafeRawPointer, _ count: Int32,
    _ offset: sqlite3_int64
  ) -> Int32 {
    guard let write = unsafe file.pointee.pMethods.pointee.xWrite else { return SQLITE_IOERR }
    guard count >= leastPage else { return unsafe write(file, bytes, count, offset) }
    // Not in place: the page may be in SQLite's cache.
    return unsafe withUnsafeTemporaryAllocation(byteCount: Int(count), alignment: 8) { copy in
      guard let page = copy.baseAddress else { return SQLITE_NOMEM }
      unsafe page.copyMemory(from: bytes, byteCount: Int(count))
      unsafe page.storeBytes(
        of: checksum(bytes, Int(count), at: offset).littleEndian,
        toByteOffset: Int(count - size), as: UInt64.self)
      return unsafe write(file, page, count, offset)
    }
  }
}

private typealias File = UnsafeMutablePointer<sqlite3_file>

/// The memory before SQLite's own file; aligned as memory from malloc is.
private let frontSize = 16

/// SQLite's own file stands behind the one with our methods: SQLite has given us memory for both in a row.
private func own(_ file: File) -> File {
  unsafe UnsafeMutableRawPointer(file).advanced(by: frontSize).assumingMemoryBound(
    to: sqlite3_file.self)
}

private func ownMethods(_ file: File) -> sqlite3_io_methods {
  unsafe own(file).pointee.pMethods.pointee
}

/// The calls that SQLite makes for a file whose pages have checksums.
private enum CheckedFile {
  static let checking = unsafe methods(xRead: readChecking)
  static let making = unsafe methods(xRead: { file, bytes, count, offset in
    guard let file = unsafe file else { return SQLITE_IOERR }
    return unsafe ownMethods(file).xRead?(own(file), bytes, count, offset) ?? SQLITE_IOERR
  })

  private static func methods(
    xRead: @convention(c) (File?, UnsafeMutableRawPointer?, Int32, sqlite3_int64) -> Int32
  ) -> Methods {
    let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    unsafe methods.initialize(to: sqlite3_io_methods())
    // Without the pages of a mapped file, which nobody reads.
    unsafe methods.pointee.iVersion = 2
    unsafe methods.pointee.xRead = xRead
    unsafe methods.pointee.xWrite = { file, bytes, count, offset in
      guard let file = unsafe file, let bytes = unsafe bytes else { return SQLITE_IOERR }
      return unsafe PageChecksums.write(own(file), bytes, count, offset)
    }
    unsafe methods.pointee.xClose = { file in
      guard let file = unsafe file else { return SQLITE_OK }
      return unsafe ownMethods(file).xClose?(own(file)) ?? SQLITE_OK
    }
    unsafe methods.pointee.xTruncate = { file, size in
      guard let file = unsafe file else { return SQLITE_IOERR }
      return unsafe ownMethods(file).xTruncate?(own(file), size) ?? SQLITE_IOERR
    }
    unsafe methods.pointee.xSync = { file, flags in
      guard let file = unsafe file else { return SQLITE_IOERR }
      return unsafe ownMethods(file).xSync?(own(file), flags) ?? SQLITE_IOERR
    }
    unsafe methods.pointee.xFileSize = { file, size in
      guard let file = unsafe file else { return SQLITE_IOERR }
      return unsafe ownMethods(file).xFileSize?(own(file), size) ?? SQLITE_IOERR
    }
    unsafe methods.pointee.xFileControl = { file, operation, argument in
      guard let file = unsafe file else { return SQLITE_NOTFOUND }
      return unsafe ownMethods(file).xFileControl?(own(file), operation, argument)
        ?? SQLITE_NOTFOUND
    }
    unsafe methods.pointee.xSectorSize = { file in
      guard let file = unsafe file else { return 0 }
      return unsafe ownMethods(file).xSectorSize?(own(file)) ?? 0
    }
    unsafe methods.pointee.xDeviceCharacteristics = { file in
      guard let file = unsafe file else { return 0 }
      return unsafe ownMethods(file).xDeviceCharacteristics?(own(file)) ?? 0
    }
    unsafe addLocks(to: methods)
    return unsafe Methods(pointer: UnsafePointer(methods))
  }

  private static func addLocks(to methods: UnsafeMutablePointer<sqlite3_io_methods>) {
    unsafe methods.pointee.xLock = { file, level in
      guard let file = unsafe file else { return SQLITE_IOERR }
      return unsafe ownMethods(file).xLock?(own(file), level) ?? SQLITE_IOERR
    }
    unsafe methods.pointee.xUnlock = { file, level in
      guard let file = unsafe file else { return SQLITE_IOERR }
      return unsafe ownMethods(file).xUnlock?(own(file), level) ?? SQLITE_IOERR
    }
    unsafe methods.pointee.xCheckReservedLock = { file, result in
      guard let file = unsafe file else { return SQLITE_IOERR }
      return unsafe ownMethods(file).xCheckReservedLock?(own(file), result)
        ?? SQLITE_IOERR
    }
    unsafe methods.pointee.xShmMap = { file, region, size, extends, memory in
      guard let file = unsafe file else { return SQLITE_IOERR }
      return unsafe ownMethods(file).xShmMap?(own(file), region, size, extends, memory)
        ?? SQLITE_IOERR
    }
    unsafe methods.pointee.xShmLock = { file, offset, count, flags in
      guard let file = unsafe file else { return SQLITE_IOERR }
      return unsafe ownMethods(file).xShmLock?(own(file), offset, count, flags) ?? SQLITE_IOERR
    }
    unsafe methods.pointee.xShmBarrier = { file in
      guard let file = unsafe file else { return }
      unsafe ownMethods(file).xShmBarrier?(own(file))
    }
    unsafe methods.pointee.xShmUnmap = { file, deletes in
      guard let file = unsafe file else { return SQLITE_OK }
      return unsafe ownMethods(file).xShmUnmap?(own(file), deletes) ?? SQLITE_OK
    }
  }

  /// Sendable because nobody writes to them once they are made.
  @safe struct Methods: @unchecked Sendable {
    let pointer: UnsafePointer<sqlite3_io_methods>
  }
}

private func readChecking(
  _ file: File?, _ bytes: UnsafeMutableRawPointer?, _ count: Int32, _ offset: sqlite3_int64
) -> Int32 {
  guard let file = unsafe file, let bytes = unsafe bytes, let read = unsafe ownMethods(file).xRead
  else {
    return SQLITE_IOERR
  }
  let code = unsafe read(own(file), bytes, count, offset)
  guard code == SQLITE_OK else { return code }
  return unsafe PageChecksums.isRight(bytes, count, at: offset) ? SQLITE_OK : SQLiteError.wrongData
}

private func openChecking(
  _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ name: UnsafePointer<CChar>?, _ file: File?,
  _ flags: Int32, _ outFlags: UnsafeMutablePointer<Int32>?
) -> Int32 {
  unsafe open(name, file, flags, outFlags, CheckedFile.checking)
}

private func openMaking(
  _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ name: UnsafePointer<CChar>?, _ file: File?,
  _ flags: Int32, _ outFlags: UnsafeMutablePointer<Int32>?
) -> Int32 {
  unsafe open(name, file, flags, outFlags, CheckedFile.making)
}

/// Any other file, the WAL among them, is SQLite's own alone.
private func open(
  _ name: UnsafePointer<CChar>?, _ file: File?, _ flags: Int32,
  _ outFlags: UnsafeMutablePointer<Int32>?, _ methods: CheckedFile.Methods
) -> Int32 {
  guard let file = unsafe file, let vfs = unsafe sqlite3_vfs_find(nil),
    let open = unsafe vfs.pointee.xOpen
  else {
    return SQLITE_CANTOPEN
  }
  guard flags & SQLITE_OPEN_MAIN_DB != 0 else {
    return unsafe open(vfs, name, file, flags, outFlags)
  }
  unsafe file.pointee.pMethods = nil
  let code = unsafe open(vfs, name, own(file), flags, outFlags)
  // Where it could be opened: SQLite closes what has methods.
  if unsafe own(file).pointee.pMethods != nil {
    unsafe file.pointee.pMethods = methods.pointer
  }
  return code
}

extension SQLiteError {
  /// SQLITE_IOERR_DATA: a page does not fit its checksum.
  static let wrongData = SQLITE_IOERR | 32 << 8
}
