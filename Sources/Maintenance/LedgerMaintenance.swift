package import Events
package import Ledger
internal import Linux

/// Keeps a ledger in order for those who ask it: brings in what runners could not append, and closes every live
/// instance whose runner has vanished. `taro` has it done once a command, before the answer; whoever goes on looking, a
/// server above all, every few seconds. No question does it by itself.
package struct LedgerMaintenance {
  /// The outcome: what was done, and what could not be done now and is left to the next.
  package struct Outcome: Sendable {
    /// Instances that this call has closed.
    package internal(set) var closed: [InstanceID] = []
    /// The instances that wait in spools and could not be brought in; nil while there are none.
    package internal(set) var spooled: SpooledInstances?
    /// Files of spools with something that the ledger did not take.
    package internal(set) var refused: [SpoolIntake.Refusal] = []
    /// The reason why something was left to the next; nil when nothing was.
    package internal(set) var failure: LedgerError?

    /// Others held the append queue: nothing more was waited for.
    package var isQueueHeld: Bool {
      if case .queueTimedOut = failure { true } else { false }
    }
  }

  /// The time that each turn waits for the queue: whoever only asks does not wait for others.
  package static let queueMilliseconds = 300

  private let reader: LedgerReader
  private let openWriter: () throws(LedgerError) -> LedgerWriter
  private var outcome = Outcome()

  /// - Parameter openWriter: called when there is something to append, and only then.
  private init(
    _ reader: LedgerReader, openWriter: @escaping () throws(LedgerError) -> LedgerWriter
  ) {
    self.reader = reader
    self.openWriter = openWriter
  }

  /// Does what there is to do. Where that cannot be written now, it is left to the next: nobody who only asks fails
  /// because of it. Some system calls where there is nothing, one for each live instance among them.
  /// - Parameters:
  ///   - openWriter: called when there is something to append, and only then; it has not to wait longer than
  ///     `queueMilliseconds`.
  ///   - live: the instances without a terminal event.
  /// - Throws: what `live` throws.
  package static func run(
    _ reader: LedgerReader, openWriter: @escaping () throws(LedgerError) -> LedgerWriter,
    live: () throws(LedgerError) -> [InstanceID]
  ) throws(LedgerError) -> Outcome {
    // An instance whose end is lost is not one that has no end; and whether one of a copy lives, the ledger that it was
    // made from knows.
    guard reader.missing == nil, !reader.isCopy else { return Outcome() }
    var maintenance = LedgerMaintenance(reader, openWriter: openWriter)
    maintenance.takeInSpools()
    if !maintenance.outcome.isQueueHeld { maintenance.closeLost(among: try live()) }
    return maintenance.outcome
  }

  private mutating func takeInSpools() {
    guard SpoolFiles.areWaiting(reader.directory, thoroughly: true) else { return }
    do throws(LedgerError) {
      outcome.refused = try SpoolIntake.run(
        openWriter(), thoroughly: true, queueMilliseconds: Self.queueMilliseconds
      ).refused
    } catch { outcome.failure = error }
    let left = SpooledInstances(of: reader.directory)
    outcome.spooled = left.count > 0 ? left : nil
  }

  private mutating func closeLost(among live: [InstanceID]) {
    let directory = reader.directory
    let abandoned = RunFiles.abandoned(in: directory, except: Set(live))
    // Somebody may have moved the ledger away under us: what is here now says nothing of its instances.
    guard !(live.isEmpty && abandoned.isEmpty), reader.isAtItsName else { return }
    for instance in live + abandoned {
      guard case .gone = RunFiles.life(of: instance, in: directory) else { continue }
      do throws(LedgerError) {
        let isClosed = try LostInstances.close(
          instance, with: openWriter(), queueMilliseconds: Self.queueMilliseconds)
        if isClosed { outcome.closed.append(instance) }
      } catch {
        outcome.failure = error
        return
      }
    }
  }
}
