internal import Glibc
internal import SQLite

/// A damaged ledger, as far as it can be opened.
final class DamagedLedger {
  let file: String
  let connection: Connection
  let ledgerID: String

  init(_ file: String) throws(LedgerError) {
    var info = stat()
    guard stat(file, &info) == 0 else { throw .missing(path: file) }
    // SQLite would remove its WAL.
    guard info.st_size > 0 else { throw .damaged(path: file, reason: "the file is empty") }
    let format: Int64
    do throws(SQLiteError) {
      let connection = try LedgerReader.open(file, .readOnly)
      format = try connection.integer("PRAGMA user_version")
      ledgerID = Self.ledgerID(connection)
      self.connection = connection
      self.file = file
    } catch { throw LedgerError(error, file) }
    guard format <= LedgerReader.formatVersion else {
      throw .newerFormat(path: file, version: format)
    }
  }

  /// Nil when the id is damaged: nothing shows then that the first event is the first.
  var genesis: Digest? {
    let isWhole = ledgerID.utf8.count == 32 && ledgerID.allSatisfy(\.isHexDigit)
    return isWhole ? Chain.genesis(ledgerID: ledgerID) : nil
  }

  /// Those of which `retained` events that can be read say so.
  private(set) lazy var instancesWithoutOutput: Set<InstanceID> = {
    var instances: Set<InstanceID> = []
    do throws(SQLiteError) {
      var statement = try connection.prepare(
        "SELECT data FROM event WHERE instance IS NULL AND kind = 'retained' ORDER BY seq")
      while try statement.step() {
        guard let json = try? JSON(parsing: statement.text(0)) else { continue }
        let retained = Retained(json)
        if retained.what == .output { instances.formUnion(retained.instances) }
      }
    } catch {}  // What was found by then.
    return instances
  }()

  private static func ledgerID(_ connection: borrowing Connection) -> String {
    do throws(SQLiteError) {
      var statement = try connection.prepare("SELECT value FROM meta WHERE key = 'ledger_id'")
      return try statement.step() ? statement.text(0) : ""
    } catch { return "" }
  }
}
