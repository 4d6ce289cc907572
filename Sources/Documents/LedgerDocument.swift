package import Events

/// A ledger, and how large it is.
package struct LedgerDocument: Equatable, Sendable {
  package var ledger: String
  package var ledgerID: String
  package var format: Int64
  package var createdAt: WallTime?
  package var isWritable: Bool
  package var head: ChainPosition
  package var events: Int64 = 0
  package var droppedEvents: Int64 = 0
  package var firstAt: WallTime?
  package var lastAt: WallTime?
  /// The number of events of each kind, the most frequent first.
  package var kinds: [JSON.Member] = []
  package var live: Int64 = 0
  package var ended: Int64 = 0
  package var chunks: Int64 = 0
  package var outputBytes: Int64 = 0
  package var storedBytes: Int64 = 0
  package var databaseBytes: Int64 = 0
  package var walBytes: Int64 = 0
  package var projectionsBytes: Int64 = 0
  package var freeBytes: Int64 = 0
  package var sealed: [String] = []
  package var refusedSpools: [String] = []
  package var spooledRuns: Int64 = 0
  package var spooledSince: WallTime?
  package var spools: [String] = []
  package var sqliteVersion = ""

  package init(
    ledger: String, id: String, format: Int64, isWritable: Bool, head: ChainPosition
  ) {
    self.ledger = ledger
    ledgerID = id
    self.format = format
    self.isWritable = isWritable
    self.head = head
  }

  package var json: JSON {
    JSON(document: [
      ("ledger", .string(ledger)), ("ledger_id", .string(ledgerID)), ("format", .integer(format)),
      ("created_at", .time(createdAt)), ("writable", .bool(isWritable)),
      ("head", .string(head.description)), ("events", .integer(events)),
      ("dropped_events", .integer(droppedEvents)), ("first_at", .time(firstAt)),
      ("last_at", .time(lastAt)), ("kinds", .object(kinds)), ("live", .integer(live)),
      ("ended", .integer(ended)), ("chunks", .integer(chunks)),
      ("output_bytes", .integer(outputBytes)), ("stored_bytes", .integer(storedBytes)),
      ("database_bytes", .integer(databaseBytes)), ("wal_bytes", .integer(walBytes)),
      ("projections_bytes", .integer(projectionsBytes)), ("free_bytes", .integer(freeBytes)),
      ("sealed", .strings(sealed)), ("refused_spools", .strings(refusedSpools)),
      ("spooled_runs", .integer(spooledRuns)), ("spooled_since", .time(spooledSince)),
      ("spools", .strings(spools)), ("sqlite", .string(sqliteVersion)),
    ])
  }

  package init(_ json: JSON) throws(DocumentError) {
    let fields = try DocumentFields(json)
    self.init(
      ledger: try fields.string("ledger"), id: try fields.string("ledger_id"),
      format: try fields.integer("format"), isWritable: try fields.bool("writable"),
      head: try fields.named("head", "position") { ChainPosition($0) })
    createdAt = try fields.moment("created_at")
    events = try fields.integer("events")
    droppedEvents = try fields.integer("dropped_events")
    firstAt = try fields.moment("first_at")
    lastAt = try fields.moment("last_at")
    kinds = try fields.members("kinds")
    live = try fields.integer("live")
    ended = try fields.integer("ended")
    chunks = try fields.integer("chunks")
    outputBytes = try fields.integer("output_bytes")
    storedBytes = try fields.integer("stored_bytes")
    databaseBytes = try fields.integer("database_bytes")
    walBytes = try fields.integer("wal_bytes")
    projectionsBytes = try fields.integer("projections_bytes")
    freeBytes = try fields.integer("free_bytes")
    sealed = try fields.strings("sealed")
    refusedSpools = try fields.strings("refused_spools")
    spooledRuns = try fields.integer("spooled_runs")
    spooledSince = try fields.moment("spooled_since")
    spools = try fields.strings("spools")
    sqliteVersion = try fields.string("sqlite")
  }
}
