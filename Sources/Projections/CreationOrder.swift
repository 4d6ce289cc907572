package import Events
internal import Glibc
package import Ledger
internal import SQLite

/// Numbers instances in the order in which they were created, which is not always that of the ledger: a run that could
/// not be recorded is appended when it can. Within one boot the time since boot decides, between boots which the ledger
/// has met first. The wall clock decides nothing: it may have come up wrong.
struct CreationOrder: ~Copyable {
  private var find: Statement
  private var add: Statement
  /// That of the instance before: mostly the next one's too.
  private var last: (boot: String, id: Int64)?

  init(_ connection: borrowing Connection) throws(SQLiteError) {
    let find = try connection.prepare("SELECT id FROM boot WHERE boot = ?")
    let add = try connection.prepare(
      "INSERT INTO boot (id, boot) SELECT IFNULL(MAX(id), 0) + 1, ? FROM boot")
    self.find = find
    self.add = add
  }

  /// The bits of a place that the time in the boot has, in units of 64 microseconds: 17 years.
  private static let timeBits: Int64 = 43
  private static let unitBits: Int64 = 6

  /// Instances of one unit stand in the order of the ledger.
  /// - Parameters:
  ///   - created: the data of the `created` event.
  ///   - mono: its time.
  mutating func place(_ created: String, mono: BootTime) throws(SQLiteError) -> Int64 {
    let time = min(max(0, mono.microseconds) >> Self.unitBits, 1 << Self.timeBits - 1)
    return try id(of: Self.bootID(created)) << Self.timeBits | time
  }

  private mutating func id(of boot: String) throws(SQLiteError) -> Int64 {
    if let last, last.boot == boot { return last.id }
    var id = try known(boot)
    if id == nil {
      try add.bind(1, boot)
      try add.run()
      id = try known(boot)
    }
    last = (boot, id ?? 0)
    return id ?? 0
  }

  private mutating func known(_ boot: String) throws(SQLiteError) -> Int64? {
    defer { find.reset() }
    try find.bind(1, boot)
    return try find.step() ? find.integer(0) : nil
  }

  /// Found as text: to read all of a command costs more than all else that is done with the event. Inside a string the
  /// quotes would be escaped.
  private static func bootID(_ created: String) -> String {
    created.withCString { text in
      guard let start = strstr(text, key) else { return "" }
      let value = start + strlen(key)
      return String(
        decoding: UnsafeRawBufferPointer(start: value, count: strcspn(value, "\"")), as: UTF8.self)
    }
  }

  private static let key = "\"boot_id\":\""
}

/// The place of an instance in the order of creation, and nothing else of it.
package struct CreatedInstance: Hashable, Comparable, Sendable {
  let order: Int64
  let seq: Seq
  package let instance: InstanceID

  package static func < (left: Self, right: Self) -> Bool {
    (left.order, left.seq) < (right.order, right.seq)
  }
}

extension CreatedInstance {
  /// Reads a row with its place, its position in the ledger and its id; nil when that makes no sense.
  init?(_ row: borrowing Statement) {
    guard let instance = row.withBytes(2, { InstanceID($0) }) else { return nil }
    self.init(order: row.integer(0), seq: row.seq(1), instance: instance)
  }
}

extension ProjectionStore {
  package func created(_ instance: InstanceID) throws(LedgerError) -> CreatedInstance? {
    try ask {
      var statement = try connection.prepare(
        "SELECT created_order, created_seq, instance FROM instance WHERE instance = ?")
      try statement.bind(1, instance.text)
      return try statement.step() ? CreatedInstance(statement) : nil
    }
  }
}
