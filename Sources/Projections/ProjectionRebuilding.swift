package import Events
package import Ledger
internal import SQLite

extension ProjectionStore {
  /// Empties projections.db and folds the whole ledger into it again. Others may use it meanwhile, and fold too: each
  /// batch is folded inside SQLite's write lock, from the checkpoint that is found there. The file stays: who
  /// removed it could part others from the WAL that they have open.
  ///
  /// - Returns: the last event that was folded.
  /// - Throws: `notWritable` where only a temporary database could be made; `projectionsHeld`.
  package func rebuild(
    progress: (LedgerProgress) -> Void = { _ in }
  ) throws(LedgerError) -> Seq {
    try attempt {
      guard isInFile else { return }
      connection.waitForLocks(milliseconds: Self.rebuildingMilliseconds)
      let transaction = try connection.begin()
      try ProjectionFile.replaceTables(connection)
      try transaction.commit()
    }
    let total = try reader.head().seq
    var hasMore = true
    repeat {
      guard isInFile else {
        // What is beside a file that can be read is so because somebody holds it.
        throw isHeld
          ? .projectionsHeld(path: reader.directory.path)
          : .notWritable(path: reader.directory.path, reason: "projections.db cannot be written")
      }
      progress(LedgerProgress(done: try position().number, total: total.number))
      hasMore = try attempt { isInFile ? try foldBatch() : true }
    } while hasMore || !isInFile
    return try position()
  }

  /// Somebody asked for this, and there is no other way.
  private static let rebuildingMilliseconds: Int32 = 10_000

  /// Counts the instances, those that were removed from the history among them. One that has lost its runner is not
  /// live, also while that cannot be written (a full disk).
  package func instanceCounts() throws(LedgerError) -> (live: Int64, ended: Int64) {
    var live: Int64 = 0
    for created in try created(InstanceQuery(.live))
    where try !RunFiles.isGone(created.instance, reader) { live += 1 }
    let all = try ask { try connection.integer("SELECT COUNT(*) FROM instance") }
    return (live, max(0, all - live))
  }
}
