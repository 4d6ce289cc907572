internal import Digests
internal import Events
internal import Ledger
internal import SQLite

/// One turn drops this: read, announced and deleted inside one transaction.
struct RetentionBatch {
  let what: Retained.What
  let rule: Retained.Rule
  private(set) var instances: [InstanceID] = []
  private(set) var unfinished: InstanceID?
  /// In order of position: events, or those whose output goes.
  private(set) var leaving: [DroppedRanges.Leaving] = []
  private(set) var counts = Retained.Counts()
  /// So many candidates, from the first on, are in it as a whole, or have nothing to drop.
  private(set) var done = 0

  init(
    _ what: Retained.What, _ rule: Retained.Rule, _ candidates: ArraySlice<InstanceID>,
    _ budget: Retention.Budget, _ connection: borrowing Connection
  ) throws(SQLiteError) {
    self.what = what
    self.rule = rule
    var last = try connection.prepare(
      "SELECT kind FROM event WHERE instance = ? ORDER BY n DESC LIMIT 1")
    var events = try connection.prepare(
      """
      SELECT e.seq, e.digest, LENGTH(o.data) FROM event e
      \(what == .events ? "LEFT" : "CROSS") JOIN output o ON o.seq = e.seq
      WHERE e.instance = ? ORDER BY e.n
      """)
    for candidate in candidates where instances.count < budget.instances {
      try last.bind(1, candidate.text)
      let isThere = try last.step()
      let hasEnded = isThere && EventKind(name: last.text(0)).isTerminal
      last.reset()
      if hasEnded {
        guard try add(candidate, &events, budget) else { break }
      }
      done += 1
    }
    leaving.sort { $0.seq < $1.seq }
  }

  /// False when not all of it fits.
  private mutating func add(
    _ instance: InstanceID, _ events: inout Statement, _ budget: Retention.Budget
  ) throws(SQLiteError) -> Bool {
    defer { events.reset() }
    var new: [DroppedRanges.Leaving] = []
    var more = Retained.Counts()
    more.instances = 1
    try events.bind(1, instance.text)
    var isWhole = true
    while try events.step() {
      guard leaving.count + new.count < budget.events, counts.bytes + more.bytes < budget.bytes
      else {
        isWhole = false
        break
      }
      let digest = events.digest(1) ?? Digest(of: [])
      new.append(DroppedRanges.Leaving(seq: events.seq(0), digest: digest))
      if what == .events { more.events += 1 }
      if let bytes = events.optionalInteger(2) {
        more.chunks += 1
        more.bytes += bytes
      }
    }
    if new.isEmpty { return isWhole }
    // One that is too large for a turn begins in a turn of its own.
    if !isWhole {
      guard instances.isEmpty else { return false }
      unfinished = instance
    }
    instances.append(instance)
    counts += more
    leaving += new
    return isWhole
  }

  /// Says in the table of dropped ranges what is to go. Returns what it has then.
  func announce(_ connection: borrowing Connection) throws(SQLiteError) -> DroppedTotals {
    // Output may hold secrets: no copy stays in a free page. Debian's SQLite does so by itself.
    try connection.execute("PRAGMA secure_delete = ON")
    try DroppedRanges.prepare(connection)
    if what == .events { try DroppedRanges.add(leaving, to: connection) }
    return try DroppedRanges.summary(connection)
  }

  func delete(_ connection: borrowing Connection) throws(SQLiteError) {
    var output = try connection.prepare("DELETE FROM output WHERE seq = ?")
    var event = try connection.prepare("DELETE FROM event WHERE seq = ?")
    for leaving in leaving {
      try output.bind(1, leaving.seq)
      try output.run()
      guard what == .events else { continue }
      try event.bind(1, leaving.seq)
      try event.run()
    }
  }
}
