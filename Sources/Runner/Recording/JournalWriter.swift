internal import Events
internal import Ledger
internal import Maintenance

/// The part of a ledger's writer that an instance's journal needs. Milliseconds are those that a turn waits for the
/// queue.
protocol JournalWriter: AnyObject {
  /// Opens the ledger, which could not be opened before.
  static func open(_ directory: LedgerDirectory) throws(LedgerError) -> Self

  func append(
    _ events: [NewEvent], of stream: inout InstanceStream, durable: Bool, queueMilliseconds: Int
  ) throws(LedgerError)

  /// See ``InstanceStream/decide(in:durable:queueMilliseconds:_:)``. Durable.
  func decide(
    for stream: inout InstanceStream, queueMilliseconds: Int?,
    _ decision: (LedgerReader) throws(LedgerError) -> [NewEvent]
  ) throws(LedgerError) -> Bool

  /// Reads what others have appended to the instance.
  func read(into stream: inout InstanceStream, queueMilliseconds: Int) throws(LedgerError)

  /// Puts on disk what was appended without waiting for it.
  func flush(queueMilliseconds: Int?) throws(LedgerError)

  func lastEvent(of instance: InstanceID) throws(LedgerError) -> Event?

  /// A page of what follows this position in the ledger; empty behind the last one.
  func events(of instance: InstanceID, after n: Int64) throws(LedgerError) -> [Event]

  /// The damaged ledger that was put aside, until a person was told of it.
  var sealed: SealedLedger? { get set }

  func sealingWasSaid(_ sealed: SealedLedger, queueMilliseconds: Int?)

  /// The notes in ledger.lock that do not fit their checksum, until a person was told of them.
  var damagedNotes: DamagedNotes? { get set }
}

extension LedgerWriter: JournalWriter {
  /// The time that it may take to open a ledger that could not be opened when the run began.
  private static let openingMilliseconds = 1000

  static func open(_ directory: LedgerDirectory) throws(LedgerError) -> LedgerWriter {
    try LedgerWriter(
      sealingDamage: directory, queueMilliseconds: openingMilliseconds, by: .thisProcess())
  }

  func append(
    _ events: [NewEvent], of stream: inout InstanceStream, durable: Bool, queueMilliseconds: Int
  ) throws(LedgerError) {
    try stream.append(events, to: self, durable: durable, queueMilliseconds: queueMilliseconds)
  }

  func decide(
    for stream: inout InstanceStream, queueMilliseconds: Int?,
    _ decision: (LedgerReader) throws(LedgerError) -> [NewEvent]
  ) throws(LedgerError) -> Bool {
    try stream.decide(in: self, durable: true, queueMilliseconds: queueMilliseconds, decision)
  }

  func read(into stream: inout InstanceStream, queueMilliseconds: Int) throws(LedgerError) {
    try stream.read(from: self, queueMilliseconds: queueMilliseconds)
  }

  func lastEvent(of instance: InstanceID) throws(LedgerError) -> Event? {
    try reader.lastEvent(of: instance)
  }

  func events(of instance: InstanceID, after n: Int64) throws(LedgerError) -> [Event] {
    try reader.events(of: instance, after: n, withOutput: true)
  }
}
