internal import Events
package import Ledger
internal import Maintenance
package import Projections

/// A ledger as a person asks it: closes the runs that were lost, catches the projections up, answers.
package final class LedgerSession {
  package private(set) var reader: LedgerReader
  package private(set) var projections: ProjectionStore
  private var writer: LedgerWriter?
  /// What waits in spools and could not be brought in; nil while there is nothing.
  package private(set) var spooled: SpooledRuns?

  /// - Throws: `missing` when nothing has been run yet.
  package init(_ directory: LedgerDirectory) throws(LedgerError) {
    reader = try LedgerReader(directory)
    projections = try ProjectionStore(reader)
  }

  /// What the ledger has lost; it is only read then, and nothing beside it is written. Nil when it is whole.
  package var missing: MissingEvents? { reader.missing }

  package var directory: LedgerDirectory { reader.directory }

  /// Turns to the ledger that stands at the name now, where that is another one: the first was damaged, and put aside.
  /// - Returns: true when it is.
  package func followReplacement() throws(LedgerError) -> Bool {
    guard reader.isReplaced else { return false }
    let reader: LedgerReader
    do throws(LedgerError) { reader = try LedgerReader(directory) } catch {
      // It is just being made.
      guard case .missing = error else { throw error }
      return false
    }
    projections = try ProjectionStore(reader)
    self.reader = reader
    writer = nil
    return true
  }

  /// Turns to the WAL and the index that stand at their names now.
  package func followFiles() throws(LedgerError) {
    // While it is open, this process keeps the old ones.
    writer = nil
    try reader.followFiles()
  }

  /// The ledger's writer, opened when it is first needed.
  package func openWriter() throws(LedgerError) -> LedgerWriter {
    if let writer { return writer }
    let opened = try LedgerWriter(directory, queueMilliseconds: Self.writingMilliseconds)
    writer = opened
    return opened
  }

  /// For who only asks: what others hold is not waited for. Nil where it cannot be had now.
  private func writerForAsking() -> LedgerWriter? {
    if let writer { return writer }
    writer = try? LedgerWriter(
      directory, queueMilliseconds: Self.writingMilliseconds,
      openingMilliseconds: Self.askingMilliseconds)
    return writer
  }

  /// What a question waits for, together, to bring in what others left.
  private static let askingMilliseconds = 300
  private static let writingMilliseconds = 10_000

  /// Brings in what runs could not append themselves, and closes every live instance whose runner has vanished. Where
  /// that cannot be written now, it is left to the next who looks: nobody who only asks fails because of it.
  package func closeLostInstances() throws(LedgerError) {
    // A run whose end is lost is not one that has no end.
    guard missing == nil else { return }
    // Whether a run of a copy lives, the ledger that it was made from knows.
    guard !reader.isCopy else { return }
    let isWaiting = SpoolFiles.areWaiting(directory, thoroughly: true)
    var isHeld = false
    if isWaiting { isHeld = !takeInSpools() }
    let left = isWaiting ? SpooledRuns(of: directory) : nil
    spooled = left.flatMap { $0.count > 0 ? $0 : nil }
    guard !isHeld else { return }
    let live = try projections.liveIDs()
    let abandoned = RunFiles.abandoned(in: directory, except: Set(live))
    // Somebody may have moved the ledger away under us: what is here now says nothing of its runs.
    guard !(live.isEmpty && abandoned.isEmpty), reader.isAtItsName else { return }
    for instance in live + abandoned {
      guard case .gone = RunFiles.life(of: instance, in: directory) else { continue }
      guard let writer = writerForAsking() else { return }
      do throws(LedgerError) {
        try LostInstances.close(
          instance, with: writer, queueMilliseconds: Self.askingMilliseconds)
      } catch { return }
    }
  }

  /// - Returns: false when somebody holds the queue: nothing else is to be waited for then.
  private func takeInSpools() -> Bool {
    guard let writer = writerForAsking() else { return true }
    do throws(LedgerError) {
      try SpoolIntake.run(
        writer, thoroughly: true, queueMilliseconds: Self.askingMilliseconds)
    } catch {
      if case .queueTimedOut = error { return false }
    }
    return true
  }

  /// Why a name does not lead to one instance.
  package enum NameError: Error, Sendable {
    case nothing(String)
    /// More than one instance id begins so.
    case ambiguous(String, candidates: [InstanceRecord])
  }

  /// The instance that a person names: a job id means its newest instance and wins over an id prefix.
  package func instance(named name: String) throws -> InstanceRecord {
    if let record = try projections.newest(named: name) { return record }
    guard InstanceID.isPrefix(name) else { throw NameError.nothing(name) }
    let candidates = try projections.instances(withPrefix: name, limit: 11)
    guard !candidates.isEmpty else { throw NameError.nothing(name) }
    throw NameError.ambiguous(name, candidates: candidates)
  }
}
