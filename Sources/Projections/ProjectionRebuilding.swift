package import Ledger
internal import SQLite

extension ProjectionStore {
  /// Empties projections.db and folds the whole ledger into it again. Others may use it meanwhile, and fold too: each
  /// batch is folded inside SQLite's write lock, from the checkpoint that is found there. The file stays: who
  /// removed it could part others from the WAL that they have open.
  ///
  /// - Returns: the last event that was folded.
  /// - Throws: `notWritable` where only a temporary database could be made.
  package func rebuild(
    progress: (LedgerProgress) -> Void = { _ in }
  ) throws(LedgerError) -> Int64 {
    try attempt {
      let transaction = try connection.begin()
      try Self.replaceTables(connection)
      try transaction.commit()
    }
    let total = try reader.head().seq
    repeat {
      guard try isInFile() else {
        throw .notWritable(path: reader.directory.path, reason: "projections.db cannot be written")
      }
      progress(LedgerProgress(done: try position(), total: total))
    } while try attempt({ try foldBatch() }) == Self.batch
    return try position()
  }

  private func isInFile() throws(LedgerError) -> Bool {
    try attempt {
      try connection.integer("SELECT file <> '' FROM pragma_database_list WHERE name = 'main'") != 0
    }
  }

  /// How many instances there are, those that were removed from the history among them.
  package func instanceCounts() throws(LedgerError) -> (live: Int64, ended: Int64) {
    try ask {
      let live = try connection.integer("SELECT COUNT(*) FROM instance WHERE ended_at IS NULL")
      return (live, try connection.integer("SELECT COUNT(*) FROM instance") - live)
    }
  }
}
