package import Events
internal import Glibc
package import Ledger
internal import SQLite

/// Compares projections.db with what the ledger's events make of it: they are folded once more into a temporary
/// database, and both are compared row by row. Memory does not grow with them; the temporary database is on disk where
/// SQLite puts such files, and gone afterwards.
package enum ProjectionComparison {
  package enum Outcome: Equatable, Sendable {
    /// All events up to this position are in it, rightly.
    case equal(upTo: Seq)
    case different([LedgerProblem])
    /// There is nothing to compare, for this reason.
    case none(String)
  }

  /// - Parameter limit: differences to name.
  /// - Throws: what reading the ledger throws.
  package static func run(
    _ reader: LedgerReader, limit: Int, progress: (LedgerProgress) -> Void = { _ in }
  ) throws(LedgerError) -> Outcome {
    let path = reader.directory.projections
    var info = stat()
    guard stat(path, &info) == 0 else { return .none("there are none yet") }
    // Reading a FIFO would wait for its other end, for ever.
    guard info.st_mode & S_IFMT == S_IFREG else {
      return .none("projections.db is no regular file; move it away")
    }
    do {
      if let version = ProjectionFile.version(path), version != InstanceRecord.version {
        return .none("they are of another version, and the next question makes them anew")
      }
      let stored = try Connection(path, .readOnly, pages: .checked, busyMilliseconds: 30_000)
      return try compare(stored, reader, limit: limit, progress)
    } catch let error as SQLiteError {
      switch error.kind {
      case .damaged, .inputOutput, .constraint, .other, .full:
        return .different([LedgerProblem(.projections, "cannot be read: \(error.message)")])
      case .readOnly, .cannotOpen, .busy: return .none("they cannot be opened: \(error.message)")
      }
    } catch let error as LedgerError {
      throw error
    } catch {
      throw .inputOutput(path: path, reason: "\(error)")
    }
  }

  private static func compare(
    _ stored: borrowing Connection, _ reader: LedgerReader, limit: Int,
    _ progress: (LedgerProgress) -> Void
  ) throws -> Outcome {
    guard let early = try ProjectionStore.checkpoint(of: stored) else {
      return .none("they are empty")
    }
    guard try ProjectionStore.isOf(reader, early) else {
      // Nobody has asked since. The id of a damaged ledger may be unknown.
      let former = try reader.hostEvents([.identified, .sealed]).map { event in
        event.kind == .sealed ? SealedLedger(event.json).ledgerID : Identified(event.json).from
      }
      return former.contains(early.ledgerID) || former.contains("")
        ? .none("they are of the ledger before this one, and the next question makes them anew")
        : foreign(early)
    }
    let model = try ProjectionStore(temporaryFor: reader)
    try model.fold(upTo: early.seq, progress)
    // From here on the stored rows stand still; what was folded into them since is little.
    try stored.execute("BEGIN")
    guard let now = try ProjectionStore.checkpoint(of: stored),
      try ProjectionStore.isOf(reader, now),
      now.seq >= early.seq
    else { return .none("they are being made anew") }
    try model.fold(upTo: now.seq, progress)
    let problems = try differences(
      stored, model, except: droppedSince(now.seq, reader), limit: limit)
    return problems.isEmpty ? .equal(upTo: now.seq) : .different(problems)
  }

  private static func foreign(_ checkpoint: ProjectionStore.Checkpoint) -> Outcome {
    .different([
      LedgerProblem(
        .projections, "folded up to \(checkpoint.seq) of another ledger (\(checkpoint.ledgerID))")
    ])
  }

  /// Instances that are gone from the ledger, and in the stored rows not yet, as of their position.
  private static func droppedSince(
    _ position: Seq, _ reader: LedgerReader
  ) throws(LedgerError) -> Set<String> {
    var instances: Set<String> = []
    for event in try reader.hostEvents([.retained], after: position) {
      instances.formUnion(event.droppedInstances.map(\.text))
    }
    return instances
  }

  private static func differences(
    _ stored: borrowing Connection, _ model: ProjectionStore, except dropped: Set<String>,
    limit: Int
  ) throws(SQLiteError) -> [LedgerProblem] {
    let query = "SELECT \(InstanceRow.columns) FROM instance ORDER BY created_seq"
    var left = try stored.prepare(query)
    var right = try model.connection.prepare(query)
    var problems: [LedgerProblem] = []
    var (hasLeft, hasRight) = (try left.step(), try right.step())
    while problems.count < limit, hasLeft || hasRight {
      let (old, new) = (hasLeft ? left.seq(0) : .max, hasRight ? right.seq(0) : .max)
      if dropped.contains(old <= new ? left.text(1) : right.text(1)) {
        // Neither tells of it any more.
      } else if old < new {
        problems.append(LedgerProblem(.projections, at: old, "an instance too many"))
      } else if new < old {
        problems.append(LedgerProblem(.projections, at: new, "an instance is missing"))
      } else if let column = firstDifference(left, right) {
        problems.append(
          LedgerProblem(
            .projections, at: new,
            "\(column) of \(right.text(2))@\(right.text(1)) is not what its events say"))
      }
      if old <= new { hasLeft = try left.step() }
      if new <= old { hasRight = try right.step() }
    }
    return problems
  }

  private static let names = InstanceRow.columns.split(separator: ",").map {
    String($0.drop { $0 == " " })
  }

  private static func firstDifference(
    _ left: borrowing Statement, _ right: borrowing Statement
  ) -> String? {
    for (index, name) in names.enumerated() {
      let column = Int32(index)
      if left.isNull(column) != right.isNull(column) || left.bytes(column) != right.bytes(column) {
        return name
      }
    }
    return nil
  }
}

extension ProjectionStore {
  fileprivate func fold(upTo end: Seq, _ progress: (LedgerProgress) -> Void) throws {
    var hasMore: Bool
    repeat {
      hasMore = try foldBatch(upTo: end)
      progress(LedgerProgress(done: try position().number, total: end.number))
    } while hasMore
  }
}
