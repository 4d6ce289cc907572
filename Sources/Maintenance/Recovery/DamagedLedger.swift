internal import Digests
internal import Events
internal import Glibc
internal import Ledger
internal import SQLite

/// A damaged ledger, as far as it can be opened.
final class DamagedLedger {
  let file: String
  /// To an empty database where not even SQLite's header can be read, and the WAL may tell more.
  let connection: Connection
  /// With which it began.
  let ledgerID: String
  /// The one that it had last.
  let identity: String
  /// The notes that tell which events are known to have been there.
  private let notes: QueueNotes
  /// True when somebody has said which events were there.
  var isNoted: Bool { notes.lastKnown != nil }
  private let salvage: WALSalvage?
  /// SQLite finds no ledger there: all that there is stands in the WAL.
  private let readsNothing: Bool

  /// - Parameters:
  ///   - notes: of the append queue.
  ///   - salvages: whether what SQLite does not read of the WAL is read too.
  init(
    _ file: String, _ notes: QueueNotes = .none, salvages: Bool = true
  ) throws(LedgerError) {
    let salvage = salvages ? WALSalvage(of: file) : nil
    var info = stat()
    let isThere = stat(file, &info) == 0
    guard isThere || salvage != nil else { throw .missing(path: file) }
    guard !isThere || info.st_mode & S_IFMT == S_IFREG else {
      throw .damaged(path: file, reason: "it is no regular file")
    }
    guard info.st_size > 0 || salvage != nil else {
      throw .damaged(path: file, reason: "the file is empty")
    }
    let format: Int64
    do throws(SQLiteError) {
      // One without any bytes is not opened: SQLite would remove its WAL.
      let connection =
        info.st_size > 0 ? try Self.open(file, orNothing: salvage != nil) : try Self.nothing()
      format = try connection.integer("PRAGMA user_version")
      let identity = (try? LedgerIdentity(connection)) ?? .unknown
      ledgerID = identity.origin.isEmpty ? salvage?.ledgerID ?? "" : identity.origin
      self.identity = identity.origin.isEmpty ? ledgerID : identity.id
      self.connection = connection
    } catch { throw LedgerError(error, file) }
    self.file = file
    self.salvage = salvage
    readsNothing = format == 0
    self.notes = notes
    guard format <= LedgerFormat.version else {
      throw .newerFormat(path: file, version: format)
    }
  }

  /// The digest that stands before its first event; nil when the id is damaged: nothing shows then that the first event
  /// is the first.
  var genesis: Digest? {
    let isWhole = ledgerID.utf8.count == 32 && ledgerID.allSatisfy(\.isHexDigit)
    return isWhole ? Chain.genesis(ledgerID: ledgerID) : nil
  }

  /// Those of which `retained` events that can be read say so.
  private(set) lazy var instancesWithoutOutput: Set<InstanceID> = {
    var instances: Set<InstanceID> = []
    func note(_ data: String) {
      guard let json = try? JSON(parsing: data) else { return }
      let retained = Retained(json)
      if retained.what == .output { instances.formUnion(retained.instances) }
    }
    do throws(SQLiteError) {
      var statement = try connection.prepare(
        "SELECT data FROM event WHERE instance IS NULL AND kind = 'retained' ORDER BY seq")
      while try statement.step() { note(statement.text(0)) }
    } catch {}  // What was found by then.
    for seq in salvage?.retained ?? [] {
      if let found = candidates(of: seq).first { note(found.event.data) }
    }
    return instances
  }()

  /// All that `redacted` events say that can be read.
  private(set) lazy var redactions: Redactions = {
    var found: [(Seq, String)] = []
    do throws(SQLiteError) {
      var statement = try connection.prepare(
        "SELECT seq, data FROM event WHERE instance IS NULL AND kind = 'redacted' ORDER BY seq")
      while try statement.step() { found.append((statement.seq(0), statement.text(1))) }
    } catch {}  // What was found by then.
    for seq in salvage?.redacted ?? [] where !found.contains(where: { $0.0 == seq }) {
      if let candidate = candidates(of: seq).first { found.append((seq, candidate.event.data)) }
    }
    var redactions = Redactions()
    for (seq, data) in found.sorted(by: { $0.0 < $1.0 }) {
      if let json = try? JSON(parsing: data) { redactions.take(json, at: seq) }
    }
    return redactions
  }()

  // MARK: What stands in the WAL

  var hasSalvage: Bool { salvage != nil }

  func candidates(of seq: Seq) -> [WALSalvage.Candidate] { salvage?.candidates(of: seq) ?? [] }

  func hasSalvagedOutput(of seq: Seq) -> Bool { salvage?.hasOutput(of: seq) ?? false }

  func salvagedChunk(of event: StoredEvent) -> StoredEvent.Chunk? { salvage?.chunk(of: event) }

  func hasDroppedOutput(_ instance: InstanceID?) -> Bool {
    instance.map { instancesWithoutOutput.contains($0) } ?? false
  }

  /// The first position in that range at which the WAL has an event.
  func salvagedPosition(from first: Seq, upTo last: Seq) -> Seq? {
    guard let found = salvage?.position(from: first) else { return nil }
    return found <= last ? found : nil
  }

  /// Returns the position up to which to look for events behind the last one that SQLite reads; nil: there are none. A
  /// WAL that SQLite reads to its end may go on with a transaction that was never committed.
  func lastExpected(after seq: Seq) -> Seq? {
    if let head = notes.head { return head.seq > seq ? min(head.seq, .largest) : nil }
    if let salvage, salvage.hidesFrames || readsNothing { return Seq.max - 1 }
    // There may have been more.
    guard let least = notes.durableHead?.seq, least > seq else { return nil }
    return min(least, .largest)
  }

  private static func open(
    _ file: String, orNothing: Bool
  ) throws(SQLiteError) -> Connection {
    do throws(SQLiteError) {
      let connection = try LedgerReader.open(file, .readOnly)
      // Opening it reads nothing.
      _ = try connection.integer("PRAGMA user_version")
      return connection
    } catch {
      guard orNothing, LedgerScan.isDamage(error) else { throw error }
      return try nothing()
    }
  }

  private static func nothing() throws(SQLiteError) -> Connection {
    try Connection("", .create, busyMilliseconds: 0)
  }
}
