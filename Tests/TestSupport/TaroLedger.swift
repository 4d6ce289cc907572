import Digests
package import Events
internal import Glibc
internal import Ledger
internal import Linux
package import Testing

/// What a program under test has recorded, read through the Ledger module.
extension TaroProgram {
  /// All events, or those of one job.
  package func events(ofJob job: String? = nil) throws -> [Event] {
    try LedgerReader(ledger).events(after: 0, limit: .max).filter { job == nil || $0.job == job }
  }

  /// How a job's newest run ended, nil when it has not.
  package func ending(ofJob job: String) throws -> (state: InstanceState, ending: Ending)? {
    guard let last = try events(ofJob: job).last, last.kind.isTerminal, let state = last.kind.state
    else { return nil }
    return (state, Ending(last.json))
  }

  /// The `created` event of a job's newest run.
  package func created(ofJob job: String) throws -> Created? {
    try events(ofJob: job).last { $0.kind == .state(.created) }.map { Created($0.json) }
  }

  /// Waits until such an event stands in the ledger; there has to be a ledger already.
  package func waitForEvent(
    _ what: String, seconds: Int64 = 60, _ isWanted: (Event) -> Bool
  ) throws -> Event {
    let deadline = MonotonicTime.now + seconds * 1_000_000
    var tail = LiveTail(try LedgerReader(ledger), after: 0)
    while MonotonicTime.now < deadline {
      if let event = try tail.next().first(where: isWanted) { return event }
      tail.wait()
    }
    throw TaroProcess.Disappointment(description: "no event in time: \(what)")
  }

  /// The first position whose digest or number is wrong; nil when the whole chain fits.
  package func firstBrokenLink() throws -> Seq? {
    let reader = try LedgerReader(ledger)
    var digest = Chain.genesis(ledgerID: reader.originID)
    for (index, event) in try reader.events(after: 0, limit: .max).enumerated() {
      digest = Chain.digest(of: event, after: digest)
      guard event.seq == Seq(Int64(index) + 1), event.digest == digest else { return event.seq }
    }
    return nil
  }

  /// Holds the append queue, as a writer that hangs would, until it is dropped.
  package func holdQueue() throws -> HeldQueue { try HeldQueue("\(ledger.path)/ledger.lock") }
}

/// The append queue's lock in the hands of a test.
package final class HeldQueue {
  private var file: Descriptor?

  fileprivate init(_ path: String) throws {
    let file = try Descriptor.open(path, O_RDWR)
    guard FileLock.acquire(file.fd, milliseconds: 10_000) == .locked else {
      throw SystemCallError("flock", path)
    }
    self.file = .some(file)
  }

  package func release() { file = nil }
}

/// Waits for what nothing tells about; looks every few milliseconds.
package func eventually(
  _ what: String, seconds: Int64 = 60, _ isSo: () throws -> Bool
) throws {
  let deadline = MonotonicTime.now + seconds * 1_000_000
  while try !isSo() {
    guard MonotonicTime.now < deadline else {
      throw TaroProcess.Disappointment(description: "not so in time: \(what)")
    }
    _ = Poll.wait(-1, for: .readable, milliseconds: 5)
  }
}

/// For what has to have happened before a time is over that cannot wait for it: tried with longer and longer ones, for
/// how fast this machine is just now does not count.
/// - Parameter attempt: returns false when its time was too short.
package func inTime(
  _ what: String, sourceLocation: SourceLocation = #_sourceLocation,
  _ attempt: (_ milliseconds: Int) throws -> Bool
) throws {
  for milliseconds in [100, 1000, 10_000] where try attempt(milliseconds) { return }
  Issue.record("not within 10 s: \(what)", sourceLocation: sourceLocation)
}
