package import Ledger
internal import Maintenance

/// A fact that a person is told of a ledger that is opened to be asked, besides the answer.
package enum LedgerNotice: Sendable {
  /// It has lost events; it is only read.
  case lostEvents(MissingEvents)
  /// It is not known what it has lost, if anything: ledger.lock, which says it, is damaged.
  case damagedNotes(DamagedNotes)
  /// The ledger is a copy: what it says of live runs is of the moment at which it was copied.
  case isCopy
  /// Runs wait in spools, and why they could not be brought in, where that is known.
  case spooled(SpooledInstances, because: LedgerError?)
}

extension LedgerSession {
  /// Opens a ledger to ask it, and puts it in order first: see `maintain()`.
  /// - Parameter notify: told what is to be said, before the answer.
  /// - Returns: nil when nothing has been run yet.
  package static func open(
    _ directory: LedgerDirectory, notify: (LedgerNotice) -> Void
  ) throws(LedgerError) -> LedgerSession? {
    do throws(LedgerError) {
      let session = try openBehindWriters(directory)
      if let missing = session.missing { notify(.lostEvents(missing)) }
      if let notes = session.reader.damagedNotes { notify(.damagedNotes(notes)) }
      if session.reader.isCopy { notify(.isCopy) }
      let left = try session.maintain()
      if let spooled = left.spooled { notify(.spooled(spooled, because: nil)) }
      return session
    } catch {
      guard case .missing = error else {
        tellOfSpools(notify, directory, because: nil)
        throw error
      }
      return try openOfSpools(directory, notify)
    }
  }

  /// The same; makes the ledger where there is none: for what waits for things to come.
  package static func openOrMake(
    _ directory: LedgerDirectory, notify: (LedgerNotice) -> Void
  ) throws(LedgerError) -> LedgerSession {
    if let session = try open(directory, notify: notify) { return session }
    _ = try LedgerWriter(directory)
    return try LedgerSession(directory)
  }

  /// Opens a ledger whose events are not seen because WAL or index were removed under those who append: a turn in the
  /// queue puts that right first.
  private static func openBehindWriters(
    _ directory: LedgerDirectory
  ) throws(LedgerError) -> LedgerSession {
    var session: LedgerSession? = try LedgerSession(directory)
    if let session, session.missing == nil || !LedgerReader.isPastWriters(directory) {
      return session
    }
    // While it is open, this process keeps the old ones.
    session = nil
    if let writer = try? LedgerWriter(directory, queueMilliseconds: 1000) {
      try? writer.turn(durable: false) { _ throws(LedgerError) in }
    }
    return try LedgerSession(directory)
  }

  /// Makes a ledger for the runs that wait for one, where there is none.
  private static func openOfSpools(
    _ directory: LedgerDirectory, _ notify: (LedgerNotice) -> Void
  ) throws(LedgerError) -> LedgerSession? {
    guard SpoolFiles.areWaiting(directory, thoroughly: true) else { return nil }
    do throws(LedgerError) { _ = try LedgerWriter(directory) } catch {
      tellOfSpools(notify, directory, because: error)
      return nil
    }
    let session = try LedgerSession(directory)
    let left = try session.maintain()
    if let spooled = left.spooled { notify(.spooled(spooled, because: nil)) }
    return session
  }

  private static func tellOfSpools(
    _ notify: (LedgerNotice) -> Void, _ directory: LedgerDirectory, because error: LedgerError?
  ) {
    let spooled = SpooledInstances(of: directory, countsLive: true)
    if spooled.count > 0 { notify(.spooled(spooled, because: error)) }
  }
}
