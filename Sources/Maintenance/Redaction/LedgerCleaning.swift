package import Events
internal import Glibc
package import Ledger
internal import Linux
internal import SQLite

/// Removes what is left of something that was redacted where nobody reads it any more: in the WAL, in places of the database in
/// which nothing stands, in spools. The redaction itself says that it is to be done (`require`), in its transaction; so whoever
/// was killed here leaves it to the next.
package enum LedgerCleaning {
  /// The pages that one turn looks at: about 100 ms.
  private static let pagesAtOnce = 20_000

  /// Inside a transaction.
  static func require(_ connection: borrowing Connection) throws(SQLiteError) {
    try LedgerIdentity.write(LedgerIdentity.Key.cleaning, "1", connection)
  }

  private enum Step { case more, done, held }

  /// - Parameter deadline: readers who need an older state are waited for until then.
  /// - Returns: false where there are such readers still.
  package static func run(
    _ writer: LedgerWriter, until deadline: MonotonicTime
  ) throws(LedgerError) -> Bool {
    try removeSpools(writer.reader)
    while true {
      let step = try writer.turn(durable: false, checkpointing: .emptying) {
        _ throws(LedgerError) in
        guard writer.isWALEmpty else { return Step.held }
        do throws(SQLiteError) { return try clear(writer.reader.connection) } catch {
          throw LedgerError(error, writer.directory.path)
        }
      }
      switch step {
      case .more: break
      case .done: return true
      case .held:
        guard MonotonicTime.now < deadline else { return false }
        usleep(20_000)
      }
    }
  }

  private static func clear(_ connection: borrowing Connection) throws(SQLiteError) -> Step {
    var mark = try connection.prepare("SELECT value FROM meta WHERE key = ?")
    try mark.bind(1, LedgerIdentity.Key.cleaning)
    guard try mark.step() else { return .done }
    let page = Int64(mark.text(0)) ?? 1
    mark.reset()
    let next = try connection.clearRests(from: page, pages: pagesAtOnce)
    // Before the mark is gone.
    try connection.syncFile()
    if let next {
      try LedgerIdentity.write(LedgerIdentity.Key.cleaning, "\(next)", connection)
      return .more
    }
    var delete = try connection.prepare("DELETE FROM meta WHERE key = ?")
    try delete.bind(1, LedgerIdentity.Key.cleaning)
    try delete.run()
    return .done
  }

  /// Nothing can be appended any more of what waits there of an instance that has ended.
  private static func removeSpools(_ reader: LedgerReader) throws(LedgerError) {
    var instances: Set<String> = []
    for event in try reader.hostEvents([.redacted]) {
      if let instance = Redacted(event.json)?.instance { instances.insert(instance.text) }
    }
    try SpoolFiles.forEachFolder(reader.directory, thoroughly: true) { folder in
      for name in folder.names where instances.contains(String(name.prefix { $0 != "." })) {
        folder.remove(name)
      }
      return true
    }
  }
}
