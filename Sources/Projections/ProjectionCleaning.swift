internal import Events
internal import Glibc
package import Ledger
internal import SQLite

extension ProjectionStore {
  /// Leaves no copy in the file of what the ledger does not say any more: what was folded of it is folded anew with what says so,
  /// and the file made anew of what is in it.
  /// - Returns: false where somebody holds the file, or cannot be let go of what was there before.
  package func clean() throws(LedgerError) -> Bool {
    try catchUp()
    guard isInFile else { return access(reader.directory.projections, F_OK) != 0 }
    connection.waitForLocks(milliseconds: Self.cleaningMilliseconds)
    defer { connection.waitForLocks(milliseconds: Patience.brief.rawValue) }
    do throws(SQLiteError) {
      try connection.execute("VACUUM")
      return try connection.checkpointEmptying()
    } catch {
      guard error.kind != .busy else { return false }
      throw LedgerError(error, reader.directory.path)
    }
  }

  private static let cleaningMilliseconds: Int32 = 1000
}

extension InstanceRecord {
  /// A hash of what stands in its events: redaction changes it, and nothing else does once it has ended.
  package var textsHash: Int {
    var hasher = Hasher()
    hasher.combine(createdData)
    hasher.combine(runningData)
    hasher.combine(endedData)
    hasher.combine(waitData)
    hasher.combine(foldedStatus)
    for warning in warnings { hasher.combine(warning.json) }
    for request in requests { hasher.combine(request.request.json) }
    return hasher.finalize()
  }
}
