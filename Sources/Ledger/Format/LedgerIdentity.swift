package import Events
internal import Linux
package import SQLite

/// A ledger is known by its id and its place. Its id and a position make a cursor, so a copy that goes its own way needs an id of its own, and so
/// does a ledger whose end was taken away. Both are noticed when it is next opened for writing: by the file and the
/// machine that the ledger was written on, and by the last event that the append queue has seen. The chain of digests
/// goes on with the id that it began with.
package struct LedgerIdentity {
  /// Keys of the table `meta`.
  package enum Key {
    package static let origin = "ledger_id"
    /// There from the first change of identity on.
    package static let present = "identity"
    package static let place = "place"
    /// There from a redaction on until no copy is left of what was redacted: the page of the database to go on with.
    package static let cleaning = "cleaning"
  }

  /// The id that the chain of digests begins with.
  package let origin: String
  /// The id now.
  package let id: String
  /// The place where the ledger was last written; nil in a ledger that has never said so.
  package let place: LedgerPlace?

  package init(_ connection: borrowing Connection) throws(SQLiteError) {
    var values: [String: String] = [:]
    var rows = try connection.prepare("SELECT key, value FROM meta")
    while try rows.step() { values[rows.text(0)] = rows.text(1) }
    origin = values[Key.origin] ?? ""
    id = values[Key.present] ?? origin
    place = values[Key.place].flatMap { LedgerPlace($0) }
  }

  private init() { (origin, id, place) = ("", "", nil) }

  /// The identity of a ledger that cannot be asked.
  package static let unknown = LedgerIdentity()

  /// False when an id is damaged.
  package var isWhole: Bool { [origin, id].allSatisfy(Self.isID) }

  private static func isID(_ text: String) -> Bool {
    text.utf8.count == 32 && text.allSatisfy(\.isHexDigit)
  }

  /// 128 random bits.
  package static func newID() -> String {
    var random = SystemRandomNumberGenerator()
    let id = UInt128(random.next()) << 64 | UInt128(random.next())
    let text = String(id, radix: 16)
    return String(repeating: "0", count: 32 - text.count) + text
  }

  package static func write(
    _ key: String, _ value: String, _ connection: borrowing Connection
  ) throws(SQLiteError) {
    var insert = try connection.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)")
    try insert.bind(1, key)
    try insert.bind(2, value)
    try insert.run()
  }
}

/// The file of a ledger, and the machines on which it is written: a host and a container on it may share one.
package struct LedgerPlace: Equatable {
  /// More than so many are not remembered.
  private static let machineLimit = 8

  /// The newest first; none where a machine has no id.
  private var machines: [String]
  package let file: LedgerFile

  /// That of a file on this machine.
  package init(_ file: LedgerFile) {
    machines = [Machine.id].filter { !$0.isEmpty }
    self.file = file
  }

  package init?(_ text: String) {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 3, let inode = UInt64(parts[1]), let madeAt = Int64(parts[2]) else {
      return nil
    }
    machines = parts[0].split(separator: ",").map(String.init)
    file = LedgerFile(inode: inode, madeAt: madeAt)
  }

  package var text: String { "\(machines.joined(separator: ",")) \(file.inode) \(file.madeAt)" }

  /// Returns why a ledger that was there is not the one that is here; nil when it may be. A fact that one side does not
  /// know tells nothing.
  package func difference(from old: LedgerPlace) -> Identified.Cause? {
    guard file.isSame(as: old.file) else { return .otherFile }
    let isKnown =
      machines.isEmpty || old.machines.isEmpty || machines.contains(where: old.machines.contains)
    return isKnown ? nil : .otherMachine
  }

  /// With the machines that are known of this file.
  package func remembering(_ old: LedgerPlace?) -> LedgerPlace {
    guard let old, file.isSame(as: old.file) else { return self }
    var place = self
    place.machines += old.machines.filter { !machines.contains($0) }
    place.machines = Array(place.machines.prefix(Self.machineLimit))
    return place
  }
}
