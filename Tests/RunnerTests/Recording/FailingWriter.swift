import Events
import Ledger
import Linux

@testable import Runner

/// A ledger's writer that fails when it is told to.
final class FailingWriter: JournalWriter {
  enum Failure {
    /// Nothing was appended.
    case before(LedgerError)
    /// All was appended, and that is not known.
    case after(LedgerError)
  }

  /// What each append does until this is nil again.
  var failure: Failure?
  /// The same for reading.
  var readFailure: LedgerError?
  /// How long each append was to wait, and whether it had to be on disk.
  private(set) var appends: [(queueMilliseconds: Int, isDurable: Bool)] = []
  /// True while nobody may be at work.
  let isStopped: Monitor<Bool>
  private(set) var readsWhileStopped = 0
  private let writer: LedgerWriter

  init(_ directory: LedgerDirectory, _ isStopped: Monitor<Bool> = Monitor(false))
    throws(LedgerError)
  {
    writer = try LedgerWriter(directory)
    self.isStopped = isStopped
  }

  static func open(_ directory: LedgerDirectory) throws(LedgerError) -> FailingWriter {
    try FailingWriter(directory)
  }

  func append(
    _ events: [NewEvent], of stream: inout InstanceStream, durable: Bool, queueMilliseconds: Int
  ) throws(LedgerError) {
    appends.append((queueMilliseconds, durable))
    switch failure {
    case nil:
      try writer.append(
        events, of: &stream, durable: durable, queueMilliseconds: queueMilliseconds)
    case .before(let error): throw error
    case .after(let error):
      // The stream does not learn of it.
      var unseen = stream
      try writer.append(
        events, of: &unseen, durable: durable, queueMilliseconds: queueMilliseconds)
      throw error
    }
  }

  func decide(
    for stream: inout InstanceStream, queueMilliseconds: Int?,
    _ decision: (LedgerReader) throws(LedgerError) -> [NewEvent]
  ) throws(LedgerError) -> Bool {
    guard let failure else {
      return try writer.decide(for: &stream, queueMilliseconds: queueMilliseconds, decision)
    }
    switch failure {
    case .before(let error): throw error
    case .after(let error):
      var unseen = stream
      _ = try writer.decide(for: &unseen, queueMilliseconds: queueMilliseconds, decision)
      throw error
    }
  }

  func read(into stream: inout InstanceStream, queueMilliseconds: Int) throws(LedgerError) {
    if let readFailure { throw readFailure }
    let before = isStopped.change { $0 }
    try writer.read(into: &stream, queueMilliseconds: queueMilliseconds)
    if before || isStopped.change({ $0 }) { readsWhileStopped += 1 }
  }

  func flush(queueMilliseconds: Int?) throws(LedgerError) {
    try writer.flush(queueMilliseconds: queueMilliseconds)
  }

  func lastEvent(of instance: InstanceID) throws(LedgerError) -> Event? {
    try writer.lastEvent(of: instance)
  }

  func events(of instance: InstanceID, after n: Int64) throws(LedgerError) -> [Event] {
    try writer.events(of: instance, after: n)
  }

  var sealed: SealedLedger?

  var damagedNotes: DamagedNotes? {
    get { writer.damagedNotes }
    set { writer.damagedNotes = newValue }
  }

  func sealingWasSaid(_ sealed: SealedLedger, queueMilliseconds: Int?) {}
}
