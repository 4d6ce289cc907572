internal import Glibc
internal import Linux
internal import SQLite

/// Puts a damaged ledger aside, as it is: nothing of it is repaired or removed. Inside the append queue.
///
/// The queue's file names it first, and its database goes next: from then on whoever opens the ledger finds none and
/// waits for the queue. One who is killed in the middle leaves that note and maybe a WAL without a database; the next
/// brings it after.
enum LedgerSealing {
  /// How long it may be read to be sure that it is damaged, and then to say how much of it is good: others wait
  /// meanwhile.
  private static let patience: Int64 = 2_000_000

  /// - Throws: `inputOutput` when it is not damaged: a read that has failed once looks the same.
  static func putAside(
    _ queue: borrowing AppendQueue, _ directory: LedgerDirectory, _ reason: String
  ) throws(LedgerError) -> SealedLedger {
    guard isDamaged(queue, directory) else {
      throw .inputOutput(path: directory.path, reason: "\(reason), and the next time it was not")
    }
    let name = freeName(directory)
    let path = "\(directory.path)/\(name)"
    queue.noteSealing(name)
    let isThere = rename(directory.database, path) == 0
    guard isThere || errno == ENOENT else {
      throw LedgerError(SystemCallError("rename", directory.database), directory.path)
    }
    let hasWAL = bringWALAfter(directory, path)
    do throws(SystemCallError) { try LedgerDirectory.sync(directory.path) } catch {
      throw LedgerError(error, directory.path)
    }
    // Whoever lives waits at the queue from now on, and makes the new one should this process be killed.
    RunFiles.ringAll(in: directory)
    return survey(isThere || hasWAL ? name : "", path, reason)
  }

  /// The ledger that somebody has put aside who was killed before there was another; nil when there is none.
  static func unnamed(
    _ queue: borrowing AppendQueue, _ directory: LedgerDirectory
  ) -> SealedLedger? {
    guard let name = queue.read().sealing, directory.sealed.contains(name) else { return nil }
    let path = "\(directory.path)/\(name)"
    // Beside a database that was begun it is the WAL of that.
    if !directory.hasDatabase { bringWALAfter(directory, path) }
    RunFiles.ringAll(in: directory)
    return survey(name, path, "found put aside")
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
    let deadline = Clock.monotonicMicroseconds() + patience
    let watch: WorkerThread
    do throws(SystemCallError) {
      watch = try WorkerThread {
        let wasInTime = isDone.wait(until: deadline) { $0 ? true : nil }
        if wasInTime == nil { interruption.interrupt() }
      }
    } catch { return false }
    let problems = SchemaCheck.structuralProblems(of: connection)
    isDone.change { $0 = true }
    watch.join()
    return problems.isEmpty
  }

  /// - Returns: whether it was there.
  @discardableResult
  private static func bringWALAfter(_ directory: LedgerDirectory, _ path: String) -> Bool {
    let isBrought = access("\(path)-wal", F_OK) != 0 && rename(directory.wal, "\(path)-wal") == 0
    // Whoever has it open goes on with it; it can be made from the WAL at any time.
    unlink("\(directory.database)-shm")
    return isBrought
  }

  private static func freeName(_ directory: LedgerDirectory) -> String {
    var now = time(nil)
    var parts = tm()
    gmtime_r(&now, &parts)
    var buffer = [CChar](repeating: 0, count: 32)
    let count = strftime(&buffer, buffer.count, "%Y%m%dT%H%M%SZ", &parts)
    let stamp = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let base = LedgerDirectory.sealedPrefix + stamp
    var name = base
    var number = 1
    while access("\(directory.path)/\(name)", F_OK) == 0 {
      number += 1
      name = "\(base)-\(number)"
    }
    return name
  }

  /// Reads it as far as it is good.
  private static func survey(_ name: String, _ path: String, _ reason: String) -> SealedLedger {
    var sealed = SealedLedger(
      file: name, ledgerID: "", lastGood: nil, isReadWholly: true, reason: reason,
      by: .thisProcess())
    guard let old = try? DamagedLedger(path, salvages: false) else { return sealed }
    sealed.ledgerID = old.ledgerID
    let deadline = Clock.monotonicMicroseconds() + patience
    // The end may be what is damaged.
    let end = (try? LedgerScan.end(of: old.connection, path: path)).flatMap { $0 }
    guard let genesis = old.genesis,
      var scan = try? LedgerScan(old.connection, path: path, end: end)
    else { return sealed }
    var chain = ChainCheck(genesis: genesis)
    while let piece = try? scan.next() {
      switch piece {
      case .events(let events):
        for event in events {
          guard chain.take(event) == .fits, let digest = event.digest else { return sealed }
          sealed.lastGood = ChainPosition(seq: event.seq, digest: digest)
        }
      case .dropped(_, let digest): chain.resume(after: digest)
      case .missing, .unreadable, .rest: return sealed
      }
      guard Clock.monotonicMicroseconds() < deadline else {
        sealed.isReadWholly = false
        return sealed
      }
    }
    return sealed
  }
}
