package import Events
package import Ledger
internal import Linux
internal import SQLite

/// Drops instances that have ended from a ledger: their output, or all their events. A turn of the append queue at a
/// time, each of a bounded size, so that nobody waits long behind it. A turn is one transaction that appends a
/// `retained` event and deletes what that says: whenever this is stopped, the ledger verifies, and the next of whichever
/// process goes on. Which instances are to go is for others to decide.
///
/// On a full disk deleting needs room too. Then what is in the WAL is brought into the database, so that the WAL is written
/// anew in the room that it has; each turn drops little, and gives back at once what became free; and the reserve is given
/// up.
package final class Retention {
  /// The most that one turn drops; of an instance that is larger it drops a part. About 10 ms, and now and then as much
  /// again as a checkpoint takes [measured].
  package struct Budget: Sendable {
    package var instances = 300
    package var events = 1200
    /// Bytes of output, as stored.
    package var bytes: Int64 = 4 << 20
    /// That are given back to the file system.
    package var pages = 500

    package init() {}

    /// Makes the budget small, for a file system with hardly any room. False when there is nothing left to halve.
    fileprivate mutating func shrink() -> Bool {
      guard events > 1 else { return false }
      instances = min(instances / 2 + 1, 20)
      events = min(events / 2, 64)
      bytes = min(bytes / 2, 64 << 10)
      pages = 16
      return true
    }
  }

  package struct Step: Sendable {
    /// So many instances, from the first on, need nothing more.
    package var done = 0
    package var counts = Retained.Counts()
    /// Another one's work was finished instead: the same is to be asked for again.
    package var wasUnfinished = false
  }

  private let writer: LedgerWriter
  private let requester: Requester
  private var budget: Budget
  private var isFrugal = false

  package init(_ writer: LedgerWriter, by requester: Requester, budget: Budget = Budget()) {
    self.writer = writer
    self.requester = requester
    self.budget = budget
  }

  /// Drops what fits into one turn, in this order. Instances that are live, gone, or have no output where it is only
  /// that, are passed over. Not on disk before `finish`.
  package func dropNext(
    _ what: Retained.What, _ rule: Retained.Rule, of instances: ArraySlice<InstanceID>
  ) throws(LedgerError) -> Step {
    try withRoom { () throws(LedgerError) in
      let step = try dropOnce(what, rule, of: instances)
      if isFrugal, step.counts.instances > 0 {
        // Before the next turn: what is free in the file is no room yet.
        try writer.checkpoint()
        while try giveBackOnce() { try writer.checkpoint() }
      }
      return step
    }
  }

  /// Does it once more, with less at a time, where there is no room.
  private func withRoom<Result>(
    _ body: () throws(LedgerError) -> Result
  ) throws(LedgerError) -> Result {
    while true {
      do throws(LedgerError) { return try body() } catch {
        guard case .full = error else { throw error }
        // A checkpoint can need room as well: the database grows by what is only in the WAL.
        let hasCheckpointed = (try? writer.checkpoint()) != nil
        isFrugal = true
        guard budget.shrink() && hasCheckpointed || LedgerReserve.release(in: writer.directory)
        else { throw error }
      }
    }
  }

  private func dropOnce(
    _ what: Retained.What, _ rule: Retained.Rule, of instances: ArraySlice<InstanceID>
  ) throws(LedgerError) -> Step {
    try writer.turn(durable: false) { turn throws(LedgerError) in
      var batch = try mapped { () throws(SQLiteError) in
        try RetentionBatch(what, rule, instances, budget, writer.reader.connection)
      }
      var step = Step(done: batch.done, counts: batch.counts)
      if let begun = try writer.reader.newestRetained(), let instance = begun.unfinished {
        let rest = try mapped { () throws(SQLiteError) in
          try RetentionBatch(
            begun.what, begun.rule, [instance], budget, writer.reader.connection)
        }
        // Nothing is left of it only where the ledger is damaged.
        if !rest.leaving.isEmpty {
          batch = rest
          (step.done, step.counts, step.wasUnfinished) = (0, rest.counts, true)
        }
      }
      guard let last = batch.leaving.last else { return step }
      let summary = try mapped { () throws(SQLiteError) in
        try batch.announce(writer.reader.connection)
      }
      let retained = Retained(
        batch.what, batch.rule, batch.instances, unfinished: batch.unfinished,
        counts: batch.counts, upTo: ChainPosition(seq: last.seq, digest: last.digest),
        ledger: summary, by: requester)
      // First: the ledger's last event may be among those that go, and another has to stand behind it.
      try turn.append(
        NewEvent(
          at: .now, mono: .now, job: nil, instance: nil,
          kind: .retained, data: retained.json))
      try mapped { () throws(SQLiteError) in try batch.delete(writer.reader.connection) }
      return step
    }
  }

  /// Free pages that stay: the next instances need them.
  static let pagesKept: Int64 = 64

  /// Gives pages in which nothing stands any more back to the file system, as many as fit into one turn.
  /// - Returns: false when there are no more to give, or the ledger was made by a version that cannot.
  package func giveBackNext() throws(LedgerError) -> Bool {
    try withRoom { () throws(LedgerError) in try giveBackOnce() }
  }

  private func giveBackOnce() throws(LedgerError) -> Bool {
    try writer.turn(durable: false) { _ throws(LedgerError) in
      try mapped { () throws(SQLiteError) in
        guard try writer.reader.connection.integer("PRAGMA auto_vacuum") != 0 else { return false }
        let free = try writer.reader.connection.integer("PRAGMA freelist_count") - Self.pagesKept
        guard free > 0 else { return false }
        let pages = min(Int64(budget.pages), free)
        try writer.reader.connection.execute("PRAGMA incremental_vacuum(\(pages))")
        return true
      }
    }
  }

  /// Puts everything on disk, and brings the file to its new length where no reader is in the way.
  package func finish() throws(LedgerError) {
    try writer.flush()
    try writer.turn(durable: false, checkpointing: .always) { _ throws(LedgerError) in }
    LedgerReserve.make(in: writer.directory)
  }

  private func mapped<Result>(
    _ body: () throws(SQLiteError) -> Result
  ) throws(LedgerError) -> Result {
    do throws(SQLiteError) { return try body() } catch {
      throw LedgerError(error, writer.directory.path)
    }
  }
}
