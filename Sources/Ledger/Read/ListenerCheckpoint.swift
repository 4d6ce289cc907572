internal import CLinux
package import Events
internal import Glibc
internal import Linux

/// A named listener's position in a ledger, kept in a file that outlives it: `checkpoints/NAME`.
///
/// The position is saved after the events up to there have been given out, so that each is given out at least once,
/// whatever ends the listener or the host. Of two listeners of one name the second is refused: `checkpoints/.NAME.lock`
/// is locked (flock) for as long as this value lives, and the kernel drops the lock with the process. Under that lock
/// nobody else writes the file, and rename(2) shows readers the old content or the new one.
package struct ListenerCheckpoint: ~Copyable {
  /// The place where a listener has to begin, and why.
  package enum Start: Equatable, Sendable {
    /// The name is new: at the ledger's beginning.
    case beginning
    /// After this position, where it stopped.
    case after(Seq)
    /// At the beginning: the name stopped in another ledger.
    case otherLedger
    /// At the beginning: the event at which the name stopped stands there no more. The ledger was put back from a
    /// copy, or a power cut took its end; what came instead has not been given out.
    case lostEvents
    /// At the beginning: the file is none that taro has written.
    case unreadable

    package var position: Seq { if case .after(let seq) = self { seq } else { .start } }
  }

  package enum Refusal: Error, Equatable, Sendable {
    /// Another process listens under this name; its pid where it is known.
    case isInUse(pid: Int32?)
  }

  /// Names are file names: letters, digits, `.`, `_` and `-`, at most 100; those that begin with a dot are ours.
  package static func isName(_ text: String) -> Bool {
    text.utf8.count <= 100 && text.utf8.first.map { $0 != UInt8(ascii: ".") } ?? false
      && text.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
          UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  package let start: Start
  /// The position that the file has.
  private var saved: Seq
  private let path: String
  private let replacement: String
  private let lockPath: String
  private let directory: LedgerDirectory
  private var ledgerID: String
  private var lock: Descriptor

  /// Takes the name, and reads where it stopped.
  /// - Parameter name: one that `isName`.
  /// - Throws: `Refusal`, `LedgerError`.
  package init(_ name: String, of reader: LedgerReader) throws {
    let directory = reader.directory
    try directory.make(directory.checkpoints)
    let folder = directory.checkpoints
    let lockPath = "\(folder)/.\(name).lock"
    let lock = try Self.lock(lockPath, directory)
    let start = try Self.start("\(folder)/\(name)", reader)
    self.start = start
    saved = start.position
    path = "\(folder)/\(name)"
    replacement = "\(folder)/.\(name).new"
    self.lockPath = lockPath
    self.directory = directory
    ledgerID = reader.ledgerID
    self.lock = lock
  }

  static func lock(_ path: String, _ directory: LedgerDirectory) throws -> Descriptor {
    let lock = try directory.openPrivate(path)
    // Whoever lists names holds their locks for some microseconds.
    switch FileLock.acquire(lock.fd, milliseconds: 100) {
    case .locked: break
    case .timedOut: throw Refusal.isInUse(pid: holder(lock.fd))
    case .failed(let errno):
      throw LedgerError(SystemCallError("flock", path, errno), directory.path)
    }
    // For the message of who is refused; without it the lock is as good.
    if ftruncate(lock.fd, 0) == 0 { try? RawIO.writeAll(lock.fd, "\(getpid())\n") }
    return lock
  }

  /// Somebody may have tidied the files away, and another may listen under the name since.
  private mutating func holdName() throws {
    var info = stat()
    guard unsafe fstat(lock.fd, &info) == 0, info.st_nlink == 0 else { return }
    try directory.make(directory.checkpoints)
    lock = try Self.lock(lockPath, directory)
  }

  static func holder(_ lock: Int32) -> Int32? {
    let bytes = (try? RawIO.readAll(lock, limit: 32)) ?? []
    return Int32(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
  }

  static func start(_ path: String, _ reader: LedgerReader) throws(LedgerError) -> Start {
    let text: String
    do throws(SystemCallError) {
      let file = try Descriptor.openRegular(path, O_RDONLY)
      text = String(decoding: try RawIO.readAll(file.fd, limit: 4096), as: UTF8.self)
    } catch {
      // The first position that is saved takes the place of a FIFO.
      if error.errno == Errno(ENXIO) { return .unreadable }
      guard error.errno == .noEntry else {
        throw LedgerError(SystemCallError(error.call, path, error.errno), reader.directory.path)
      }
      return .beginning
    }
    guard let json = try? JSON(parsing: text), let ledger = json["ledger"]?.string,
      let seq = json["seq"]?.seq, let digest = json["digest"]?.string
    else { return .unreadable }
    guard ledger == reader.ledgerID else {
      let position = try reader.position(continuing: ledger, after: seq)
      return position.map { .after($0) } ?? .otherLedger
    }
    if let there = try reader.digest(at: seq) {
      return there.description == digest ? .after(seq) : .lostEvents
    }
    return try reader.isDropped(seq) ? .after(seq) : .lostEvents
  }

  /// The name is ours: what is no file there gives way.
  private func openReplacement() throws(SystemCallError) -> Descriptor {
    let flags = O_WRONLY | O_CREAT | O_TRUNC
    do throws(SystemCallError) {
      return try Descriptor.openRegular(replacement, flags, mode: 0o600)
    } catch {
      guard [Errno(ENXIO), Errno(EISDIR)].contains(error.errno), unsafe remove(replacement) == 0
      else { throw error }
      return try Descriptor.openRegular(replacement, flags, mode: 0o600)
    }
  }

  /// Saves that everything up to this event has been given out; on disk when it returns (one fsync(2)). Were the
  /// rename lost in a power cut, the events since the last one would be given out again.
  /// - Parameter reader: of the ledger that has the event, which may have taken the place of the first.
  /// - Throws: `Refusal`, `LedgerError`.
  package mutating func save(upTo event: Event, of reader: LedgerReader) throws {
    if reader.ledgerID != ledgerID { (ledgerID, saved) = (reader.ledgerID, .start) }
    guard event.seq > saved else { return }
    let content = JSON.object([
      JSON.Member("ledger", .string(ledgerID)), JSON.Member("seq", .seq(event.seq)),
      JSON.Member("digest", .string(event.digest.description)),
    ])
    try holdName()
    do throws(SystemCallError) {
      let file = try openReplacement()
      try RawIO.writeAll(file.fd, content.text + "\n")
      guard fsync(file.fd) == 0 else { throw SystemCallError("fsync", replacement) }
      guard unsafe rename(replacement, path) == 0 else { throw SystemCallError("rename", path) }
    } catch { throw LedgerError(error, directory.path) }
    saved = event.seq
  }
}
