internal import Events
internal import HTTPTypes
internal import Ledger
internal import Operations
internal import Projections

/// The facts of an instance's output at a moment: all that they count is on disk.
struct OutputFacts: Sendable {
  let record: InstanceRecord
  /// Bytes of what is asked for.
  let size: Int64
  let ledger: String

  var instance: InstanceID { record.instance }
  /// The last event that counts.
  var end: Int64 { record.lastN }
  var hasEnded: Bool { record.state.isTerminal }

  /// Returns nil where the disk is slow: then it is asked again.
  private init?(
    _ record: InstanceRecord, _ stream: OutputStream?, _ session: LedgerSession
  ) throws {
    let last = try session.reader.events(
      of: record.instance, after: record.lastN - 1, withOutput: true, limit: 1
    ).first
    if let last, !DiskWait.isOver(last, session) { return nil }
    self.record = record.lean
    size = record.recordedOutput.bytes(of: stream)
    ledger = session.reader.ledgerID
  }

  /// - Parameter find: on a reader's thread.
  private static func find(
    _ stream: OutputStream?, _ executor: LedgerExecutor,
    _ find: @escaping @Sendable (LedgerSession?) throws -> (InstanceRecord, LedgerSession)
  ) async throws -> OutputFacts {
    while true {
      let facts = try await executor.read { session in
        let (record, session) = try find(session)
        return try OutputFacts(record, stream, session)
      }
      if let facts { return facts }
      try await Task.sleep(for: DiskWait.pause)
    }
  }

  /// Returns those of the instance that a request names.
  /// - Parameter moment: as it was then; nil: now.
  static func named(
    _ name: String, visible: [Pattern], _ stream: OutputStream?, at moment: AskedMoment?,
    _ executor: LedgerExecutor
  ) async throws -> OutputFacts {
    try await find(stream, executor) { present in
      guard let session = try present.at(moment), let present else {
        throw LedgerSession.NameError.nothing(name)
      }
      var record = try session.instance(named: name, visible: visible)
      // What has been dropped since cannot be given.
      if moment != nil {
        try record.takeRemoval(of: present.projections.record(of: record.instance))
      }
      return (record, session)
    }
  }

  /// The same, now.
  /// - Throws: `OutputMissing` where it is not there any more.
  func now(_ stream: OutputStream?, _ executor: LedgerExecutor) async throws -> OutputFacts {
    let (instance, ledger) = (instance, ledger)
    return try await Self.find(stream, executor) { session in
      guard let session, session.reader.ledgerID == ledger else { throw OutputMissing.otherLedger }
      guard let record = try session.projections.record(of: instance) else {
        throw OutputMissing.dropped
      }
      return (record, session)
    }
  }

  /// - Throws: `Problem` where there is nothing to be had.
  func check(_ stream: OutputStream?) throws(Problem) {
    let created = record.created
    let wanted = stream.map { ["\($0)"] } ?? ["stdout", "stderr"]
    guard !created.bypassesOutput, !Set(created.uncaptured).isSuperset(of: wanted) else {
      let what = stream.map { "\($0)" } ?? "the output"
      throw Problem(
        name: "no-output", title: "No output", status: .notFound,
        detail: "\(what) of \(record.name) was not captured",
        trouble: .notCaptured)
    }
    if let removedAt = record.outputRemovedAt {
      throw .gone("\(record.name) was dropped by retention at \(Timestamp.rfc3339(removedAt))")
    }
  }
}

/// Output that is not there, found while it is read.
enum OutputMissing: Error {
  /// The output of this event is damaged.
  case damaged(seq: Seq)
  /// Retention has taken it.
  case dropped
  /// There is less of it than its events tell.
  case short
  /// Another ledger has taken the place of the one that it was read from.
  case otherLedger

  /// The answer where nothing has been answered yet.
  var problem: Problem {
    switch self {
    case .damaged(let seq):
      Problem(
        name: "ledger-unusable", title: "The ledger cannot be used", status: .serviceUnavailable,
        detail: "what is stored of event \(seq) is damaged; Range has what comes behind it",
        trouble: .damaged)
    case .short:
      Problem(
        name: "ledger-unusable", title: "The ledger cannot be used", status: .serviceUnavailable,
        detail: "there is less of the output than its events tell",
        trouble: .damaged)
    case .dropped: .gone("it was dropped by retention while it was read")
    case .otherLedger: .busy("another ledger has just taken the place of this one; ask again")
    }
  }
}

extension Problem {
  static func gone(_ what: String) -> Problem {
    Problem(
      name: "gone", title: "Gone", status: .gone,
      detail: "the output of \(what); retention.max_size says how much is kept")
  }
}
