package import Events
internal import Glibc
package import Ledger
internal import Linux

/// Appends to a ledger what runners could not append, in order and exactly once: a runner that lives keeps its
/// spool locked; what an intake that was killed has appended already is recognised by its content; and the file goes
/// when all of it is on disk.
package enum SpoolIntake {
  package struct Outcome: Equatable, Sendable {
    /// Events that were appended.
    package var events = 0
    /// Files that are somebody else's still: a live runner's, or another intake's.
    package var busy = 0
    /// Files with something that the ledger did not take.
    package var refused: [Refusal] = []

    /// A batch was read, whether of it anything was missing or not.
    package var hasWorked = false

    /// Each intake comes further, however short its time is.
    fileprivate func hasTime(until deadline: BootTime?) -> Bool {
      !hasWorked || deadline.map { BootTime.now < $0 } ?? true
    }
  }

  /// A file that is kept, because not all of it is in the ledger.
  package struct Refusal: Equatable, Sendable, CustomStringConvertible {
    package enum Cause: String, Sendable {
      /// The instance has a terminal event in the ledger, and nothing follows that.
      case ended
      case misfit
      case damaged
      /// Others have or had a hand in it.
      case foreign
    }

    package let path: String
    package let cause: Cause

    package var description: String {
      let reason =
        switch cause {
        case .ended: "its run has been closed there"
        case .misfit: "some of its events cannot follow those that are there"
        case .damaged: "some of its lines are damaged"
        case .foreign: "it is no file of this user's alone (owner, mode, links)"
        }
      return "\(path) keeps what could not be taken into the ledger: \(reason)"
    }
  }

  /// The limits of one intake.
  private struct Limits {
    let deadline: BootTime?
    /// For each turn.
    let queueMilliseconds: Int?
  }

  /// Takes in what waits. Durable.
  /// - Parameters:
  ///   - only: this instance's alone.
  ///   - deadline: after it no further batch is appended, but the first of all is.
  ///   - thoroughly: as for `isWaiting`.
  ///   - queueMilliseconds: how long each turn waits; nil: as long as the writer's do.
  @discardableResult
  package static func run(
    _ writer: LedgerWriter, only instance: InstanceID? = nil, until deadline: BootTime? = nil,
    thoroughly: Bool = false, queueMilliseconds: Int? = nil
  ) throws(LedgerError) -> Outcome {
    let limits = Limits(deadline: deadline, queueMilliseconds: queueMilliseconds)
    var outcome = Outcome()
    try SpoolFiles.forEachFolder(writer.directory, thoroughly: thoroughly) {
      folder throws(LedgerError) in
      for name in folder.names where SpoolFiles.isWanted(name, instance) {
        guard outcome.hasTime(until: deadline) else { return false }
        try take(name, in: folder, writer, limits, &outcome)
      }
      return outcome.hasTime(until: deadline)
    }
    return outcome
  }

  private static func take(
    _ name: String, in folder: borrowing Folder, _ writer: LedgerWriter, _ limits: Limits,
    _ outcome: inout Outcome
  ) throws(LedgerError) {
    let file: Descriptor
    do throws(SystemCallError) { file = try folder.open(name, O_RDWR | O_NONBLOCK) } catch {
      // A link, a directory, a socket. Else it is gone: another has just taken it in.
      if [Errno(ELOOP), Errno(EISDIR), Errno(ENXIO)].contains(error.errno) {
        refuse(name, in: folder, .foreign, &outcome)
      } else {
        outcome.busy += 1
      }
      return
    }
    guard ByteLock.tryAcquire(file.fd, byte: 0, .exclusive), folder.names(name, file.fd) else {
      // Its runner lives, or has begun another one there meanwhile.
      outcome.busy += 1
      return
    }
    guard isOurs(file.fd) else { return refuse(name, in: folder, .foreign, &outcome) }
    switch try append(name, file.fd, in: folder, writer, limits, &outcome) {
    case .unfinished: outcome.busy += 1
    case .appended:
      SpoolProgress.remove(of: name, in: folder)
      folder.remove(name)
    case .refused(let cause): refuse(name, in: folder, cause, &outcome)
    }
  }

  private static func refuse(
    _ name: String, in folder: borrowing Folder, _ cause: Refusal.Cause, _ outcome: inout Outcome
  ) {
    SpoolProgress.remove(of: name, in: folder)
    let kept = name + SpoolFiles.refusedSuffix
    guard (try? folder.rename(name, to: kept)) != nil else { return }
    outcome.refused.append(Refusal(path: "\(folder.path)/\(kept)", cause: cause))
  }

  /// A plain file that only this user has had in hand.
  private static func isOurs(_ fd: Int32) -> Bool {
    var info = stat()
    return fstat(fd, &info) == 0 && info.st_mode & S_IFMT == S_IFREG && info.st_uid == geteuid()
      && info.st_nlink == 1 && info.st_mode & 0o077 == 0
  }

  private enum Ending {
    case appended
    case refused(Refusal.Cause)
    /// The time was over, or it cannot be read: what was appended is known again by the next.
    case unfinished
  }

  private static func append(
    _ name: String, _ fd: Int32, in folder: borrowing Folder, _ writer: LedgerWriter,
    _ limits: Limits, _ outcome: inout Outcome
  ) throws(LedgerError) -> Ending {
    var contents = SpoolContents()
    let header: SpoolLine.Header?
    // What cannot be read keeps nobody from the others.
    do throws(SystemCallError) { header = try contents.readHeader(fd) } catch { return .unfinished }
    guard let header else { return isEmpty(name, fd) ? .appended : .refused(.damaged) }
    let progress = SpoolProgress(of: name, fd, in: folder, ledger: writer.reader.ledgerID)
    if let progress { contents.skip(to: progress.position) }
    var transfer = try SpoolTransfer(
      header, progress, to: writer, queueMilliseconds: limits.queueMilliseconds)
    var replacements = 0
    while !contents.isAtEnd {
      let position = contents.position
      guard outcome.hasTime(until: limits.deadline) else {
        save(position, contents, transfer, writer, name, fd, in: folder)
        return .unfinished
      }
      guard var batch = try? contents.nextBatch(fd) else { return .unfinished }
      outcome.hasWorked = true
      do throws(LedgerError) {
        batch = try contents.whole(transfer.withoutMet(batch))
        if !batch.isEmpty { outcome.events += try transfer.append(batch) }
      } catch {
        switch error {
        case .conflict: return .refused(.misfit)
        case .replaced where replacements < 2:
          replacements += 1
          contents = SpoolContents()
          _ = try? contents.readHeader(fd)
          transfer = try SpoolTransfer(
            header, nil, to: writer, queueMilliseconds: limits.queueMilliseconds)
        default: throw error
        }
      }
    }
    return (transfer.refusal ?? (contents.damagedLines > 0 ? .damaged : nil))
      .map { .refused($0) } ?? .appended
  }

  /// Nothing was ever written whole: it has no name but for this, or nothing in it.
  private static func isEmpty(_ name: String, _ fd: Int32) -> Bool {
    var info = stat()
    return SpoolFiles.isAbandoned(name) || (fstat(fd, &info) == 0 && info.st_size == 0)
  }

  private static func save(
    _ position: Int64, _ contents: SpoolContents, _ transfer: SpoolTransfer,
    _ writer: LedgerWriter, _ name: String, _ fd: Int32, in folder: borrowing Folder
  ) {
    SpoolProgress(
      position: position,
      appended: RecordedPosition(ledger: writer.reader.ledgerID, n: transfer.n),
      refusal: transfer.refusal ?? (contents.damagedLines > 0 ? .damaged : nil)
    ).save(of: name, fd, in: folder)
  }
}
