package import Events

/// The outcome of retention: what it has dropped, or, in a dry run, would drop.
package struct RetentionDocument: Equatable, Sendable {
  package var ledger: String
  package var isDryRun: Bool
  /// Instances that had ended before.
  package var ended: Int64
  package var dropped: [Line]
  /// Bytes of the database in use.
  package var bytesBefore: Int64
  package var bytesAfter: Int64
  /// Bytes of the WAL now: what was written lately, dropping too.
  package var walBytes: Int64

  package struct Line: Equatable, Sendable {
    package var what: Retained.What
    package var rule: Retained.Rule
    package var counts: Retained.Counts

    package init(what: Retained.What, rule: Retained.Rule, counts: Retained.Counts) {
      self.what = what
      self.rule = rule
      self.counts = counts
    }
  }

  package init(
    ledger: String, isDryRun: Bool, ended: Int64, dropped: [Line], bytesBefore: Int64,
    bytesAfter: Int64, walBytes: Int64
  ) {
    self.ledger = ledger
    self.isDryRun = isDryRun
    self.ended = ended
    self.dropped = dropped
    self.bytesBefore = bytesBefore
    self.bytesAfter = bytesAfter
    self.walBytes = walBytes
  }

  package var json: JSON {
    JSON(document: [
      ("ledger", .string(ledger)), ("dry_run", .bool(isDryRun)), ("ended", .integer(ended)),
      (
        "dropped",
        .array(
          dropped.map {
            JSON(document: [
              ("what", .string($0.what.rawValue)), ("rule", .string($0.rule.rawValue)),
              ("runs", .integer($0.counts.instances)), ("events", .integer($0.counts.events)),
              ("chunks", .integer($0.counts.chunks)), ("bytes", .integer($0.counts.bytes)),
            ])
          })
      ),
      ("bytes_before", .integer(bytesBefore)), ("bytes_after", .integer(bytesAfter)),
      ("wal_bytes", .integer(walBytes)),
    ])
  }

  package init(_ json: JSON) throws(DocumentError) {
    let fields = try DocumentFields(json)
    self.init(
      ledger: try fields.string("ledger"), isDryRun: try fields.bool("dry_run"),
      ended: try fields.integer("ended"),
      dropped: try fields.objects("dropped") { (fields) throws(DocumentError) in
        var counts = Retained.Counts()
        counts.instances = try fields.integer("runs")
        counts.events = try fields.integer("events")
        counts.chunks = try fields.integer("chunks")
        counts.bytes = try fields.integer("bytes")
        return Line(
          what: try fields.named("what", "part of a run") { Retained.What(rawValue: $0) },
          rule: try fields.named("rule", "rule that this version knows") {
            Retained.Rule(rawValue: $0)
          }, counts: counts)
      }, bytesBefore: try fields.integer("bytes_before"),
      bytesAfter: try fields.integer("bytes_after"), walBytes: try fields.integer("wal_bytes"))
  }
}
