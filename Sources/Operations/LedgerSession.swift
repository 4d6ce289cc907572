internal import Events
package import Ledger
internal import Maintenance
package import Projections

/// A ledger as it is asked: its reader, its projections, and a writer for who needs one. It does nothing by itself: whoever opens
/// it has it put in order first (`maintain()`), once a command, or every few seconds.
package final class LedgerSession {
  package private(set) var reader: LedgerReader
  package private(set) var projections: ProjectionStore
  private var writer: LedgerWriter?
  /// The moment that was gone back to; nil for now.
  private let past: Moment?
  /// The last earlier position that was asked for.
  var earlier: EarlierLedger?
  /// The time for which others are waited for that hold the append queue.
  private let queueMilliseconds: Int

  /// - Throws: `missing` when nothing has been run yet.
  package init(
    _ directory: LedgerDirectory, queueMilliseconds: Int = LedgerSession.queueMilliseconds
  ) throws(LedgerError) {
    self.queueMilliseconds = queueMilliseconds
    past = nil
    reader = try LedgerReader(directory)
    projections = try ProjectionStore(reader)
  }

  /// That of an earlier moment: it is only asked.
  init(_ reader: LedgerReader, _ projections: ProjectionStore, at moment: Moment) {
    queueMilliseconds = 0
    past = moment
    self.reader = reader
    self.projections = projections
  }

  /// The moment of its answers.
  package var moment: Moment { past ?? .now }

  /// The events that the ledger has lost; it is only read then, and nothing beside it is written. Nil when it is whole.
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
    (writer, earlier) = (nil, nil)
    return true
  }

  /// Turns to the WAL and the index that stand at their names now.
  package func followFiles() throws(LedgerError) {
    // While they are open, this process keeps the old ones.
    (writer, earlier) = (nil, nil)
    try reader.followFiles()
  }

  /// The ledger's writer, opened when it is first needed.
  package func openWriter() throws(LedgerError) -> LedgerWriter {
    if let writer { return writer }
    let opened = try LedgerWriter(directory, queueMilliseconds: queueMilliseconds)
    writer = opened
    return opened
  }

  /// The same for who only asks: what others hold is not waited for.
  func openWriterForAsking() throws(LedgerError) -> LedgerWriter {
    if let writer { return writer }
    let opened = try LedgerWriter(
      directory, queueMilliseconds: queueMilliseconds,
      openingMilliseconds: LedgerMaintenance.queueMilliseconds)
    writer = opened
    return opened
  }

  package static let queueMilliseconds = 10_000

  /// The reason why a name does not lead to one instance.
  package enum NameError: Error, Sendable {
    case nothing(String)
    /// More than one instance id begins so.
    case ambiguous(String, candidates: [InstanceRecord])
  }

  /// The instance that a person names: a job id means one that is live, else the newest that was executed, else the newest,
  /// and wins over what an id begins or ends with. `job~1`, `job~good`, `job~failed` count back from there.
  package func instance(named name: String) throws -> InstanceRecord {
    if let record = try projections.newest(named: name) { return record }
    if let relative = RelativeName(name) {
      guard let found = try instance(relative, from: try instance(named: relative.base)) else {
        throw NameError.nothing(name)
      }
      return found
    }
    guard InstanceID.isPrefix(name) else { throw NameError.nothing(name) }
    var candidates = try projections.instances(withPrefix: name, limit: 11)
    if candidates.isEmpty { candidates = try projections.instances(withSuffix: name, limit: 11) }
    if candidates.count == 1, let only = candidates.first { return only }
    guard !candidates.isEmpty else { throw NameError.nothing(name) }
    throw NameError.ambiguous(name, candidates: candidates)
  }
}
