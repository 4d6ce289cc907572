internal import Events
internal import Glibc
internal import Linux
internal import SQLite

/// Puts a damaged ledger aside, as it is: nothing of it is repaired or removed. Inside the append queue.
///
/// The queue's file names it first, and its database goes next: from then on whoever opens the ledger finds none and
/// waits for the queue. The note stays until another ledger has the name and somebody has said so: whoever finds it and no
/// ledger goes on where the one before was killed.
enum LedgerSealing {
  /// The time for which a ledger may be read to be sure that it is damaged: others wait meanwhile.
  private static let patience: Int64 = 2_000_000

  /// - Throws: `inputOutput` when it is not damaged: a read that has failed once looks the same.
  static func putAside(
    _ queue: borrowing AppendQueue, _ directory: LedgerDirectory, _ reason: String,
    _ recovery: any DamageRecovery
  ) throws(LedgerError) -> SealedLedger {
    guard isDamaged(queue, directory) else {
      throw .inputOutput(path: directory.path, reason: "\(reason), and the next time it was not")
    }
    let name = freeName(directory)
    let path = "\(directory.path)/\(name)"
    queue.file.noteSealing(name)
    let isThere = try move(directory.database, to: path, directory)
    let hasWAL = try bringWALAfter(directory, path)
    try settle(directory)
    return survey(isThere || hasWAL ? name : "", path, reason, recovery)
  }

  /// Goes on where somebody was killed who put it aside under that name.
  static func goOn(
    _ queue: borrowing AppendQueue, _ directory: LedgerDirectory, _ name: String,
    _ recovery: any DamageRecovery
  ) throws(LedgerError) -> SealedLedger {
    let path = "\(directory.path)/\(name)"
    try clearName(directory)
    try bringWALAfter(directory, path)
    try settle(directory)
    var sealed = survey(name, path, "", recovery)
    sealed.reason = reason(path, try queue.file.read().lastKnown, recovery)
    return sealed
  }

  private static func reason(
    _ path: String, _ noted: ChainPosition?, _ recovery: any DamageRecovery
  ) -> String {
    guard let noted else { return "it was found put aside" }
    let end = recovery.end(of: path)
    let gone = unsafe access(path, F_OK) == 0 ? "" : "\(Continuity.Emptiness.gone.rawValue): "
    guard end < noted.seq else { return "\(gone)it was found put aside" }
    return "\(gone)\(MissingEvents(first: end + 1, last: noted.seq, cause: .damage))"
  }

  /// Says how far it is good.
  private static func survey(
    _ name: String, _ path: String, _ reason: String, _ recovery: any DamageRecovery
  ) -> SealedLedger {
    var sealed = SealedLedger(
      file: name, ledgerID: "", lastGood: nil, isReadWholly: true, reason: reason,
      by: recovery.requester)
    recovery.survey(path, into: &sealed)
    return sealed
  }

  /// A ledger that an earlier version began there is put aside as well; the WAL beside an empty file is not of that.
  private static func clearName(_ directory: LedgerDirectory) throws(LedgerError) {
    guard directory.hasDatabase else { return }
    guard try directory.databaseBytes() > 0 else {
      unsafe unlink(directory.database)
      return
    }
    let path = "\(directory.path)/\(freeName(directory))"
    try move(directory.database, to: path, directory)
    try bringWALAfter(directory, path)
  }

  private static func settle(_ directory: LedgerDirectory) throws(LedgerError) {
    do throws(SystemCallError) { try LedgerDirectory.sync(directory.path) } catch {
      throw LedgerError(error, directory.path)
    }
    // Whoever lives waits at the queue from now on, and makes the new one should this process be killed.
    RunFiles.ringAll(in: directory)
  }

  /// - Returns: whether it was there.
  @discardableResult
  private static func move(
    _ file: String, to path: String, _ directory: LedgerDirectory
  ) throws(LedgerError) -> Bool {
    if unsafe rename(file, path) == 0 { return true }
    guard errno == ENOENT else {
      throw LedgerError(SystemCallError("rename", file), directory.path)
    }
    return false
  }

  /// Asked once more, through a connection of its own: all of it, or what can be read in time.
  private static func isDamaged(
    _ queue: borrowing AppendQueue, _ directory: LedgerDirectory
  ) -> Bool {
    do throws(LedgerError) {
      guard let opened = try LedgerOpening.existing(queue, directory) else { return true }
      return !isSound(opened.reader.connection)
    } catch {
      if case .damaged = error { return true }
      return false
    }
  }

  /// False as well when it takes too long to say: the first error is believed then.
  private static func isSound(_ connection: borrowing Connection) -> Bool {
    let isDone = Monitor(false)
    let interruption = connection.interruption
    let deadline = MonotonicTime.now + patience
    let watch: WorkerThread
    do throws(SystemCallError) {
      watch = try WorkerThread {
        let wasInTime = isDone.wait(until: deadline) { $0 ? true : nil }
        if wasInTime == nil { interruption.interrupt() }
      }
    } catch { return false }
    let problems = StructuralCheck.problems(of: connection)
    isDone.change { $0 = true }
    watch.join()
    return problems.isEmpty
  }

  /// Under a name of its own where that has one: no WAL is ever written over.
  /// - Returns: whether it was there.
  @discardableResult
  private static func bringWALAfter(
    _ directory: LedgerDirectory, _ path: String
  ) throws(LedgerError) -> Bool {
    let isFree = unsafe access("\(path)-wal", F_OK) != 0
    let name = isFree ? path : "\(directory.path)/\(freeName(directory))"
    let isBrought = try move(directory.wal, to: "\(name)-wal", directory)
    // Whoever has it open goes on with it; it can be made from the WAL at any time.
    unsafe unlink(directory.index)
    return isBrought
  }

  /// Puts a WAL aside that is of no ledger here, if there is anything in it.
  static func putWALAside(_ directory: LedgerDirectory) {
    var info = stat()
    guard unsafe lstat(directory.wal, &info) == 0, info.st_size > 0 else { return }
    unsafe rename(directory.wal, "\(directory.path)/\(freeName(directory))-wal")
  }

  private static func freeName(_ directory: LedgerDirectory) -> String {
    let base = LedgerDirectory.sealedPrefix + CivilMoment(utc: .now).compact
    var name = base
    var number = 1
    while directory.hasSealed(name) {
      number += 1
      name = "\(base)-\(number)"
    }
    return name
  }
}
