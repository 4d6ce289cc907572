internal import Events
internal import Ledger
internal import SQLite

/// The columns of an ended instance that statistics ask for.
struct StatisticsRow {
  static let columns =
    "job, state, created_at, run_us, stdout_bytes, stderr_bytes, ended, created_seq, created_order, "
    + Rehearsal.condition

  /// Rows read at once.
  static let pageSize = 4096

  let job: String
  let state: InstanceState
  let createdAt: WallTime
  /// Microseconds from start to end; nil where it never ran or nobody saw its end.
  let runMicroseconds: Int64?
  let outputBytes: Int64
  /// Nothing was run.
  let isDryRun: Bool

  /// Fails when the row makes no sense.
  init?(_ row: borrowing Statement) {
    guard let state = InstanceState(rawValue: row.text(1)) else { return nil }
    job = row.text(0)
    self.state = state
    createdAt = row.wallTime(2)
    runMicroseconds = row.optionalInteger(3)
    let ended = row.optionalText(6).flatMap { try? JSON(parsing: $0) }
    isDryRun = row.integer(9) != 0
    outputBytes = ended.flatMap { Ending($0).output?.bytes } ?? (row.integer(4) &+ row.integer(5))
  }

  init(
    job: String, state: InstanceState, createdAt: WallTime, runMicroseconds: Int64?,
    outputBytes: Int64, isDryRun: Bool = false
  ) {
    self.job = job
    self.state = state
    self.createdAt = createdAt
    self.runMicroseconds = runMicroseconds
    self.outputBytes = outputBytes
    self.isDryRun = isDryRun
  }
}

extension ProjectionStore {
  /// Gives to `body` what statistics ask of each instance, job by job, and of one job in the order of creation. In
  /// pages: nothing is kept, and no read transaction lasts long. What is created meanwhile may be met or not.
  func forEachRun(
    _ query: InstanceQuery, _ body: (StatisticsRow) -> Void
  ) throws(LedgerError) {
    let filter = try ask { try InstanceFilter(query, connection) }
    var (job, order, position) = ("", Int64(0), Seq.start)
    while true {
      let page = try ask { () throws(SQLiteError) in
        try filter.define(on: connection)
        var statement = try connection.prepare(
          """
          SELECT \(StatisticsRow.columns) FROM instance
          WHERE (job, created_order, created_seq) > (?1, ?2, ?3) AND \(filter.sql)
          ORDER BY job, created_order, created_seq LIMIT \(StatisticsRow.pageSize)
          """)
        try statement.bind(1, job)
        try statement.bind(2, order)
        try statement.bind(3, position)
        try filter.bind(to: &statement)
        var page: [(run: StatisticsRow?, order: Int64, position: Seq, job: String)] = []
        while try statement.step() {
          page.append(
            (
              StatisticsRow(statement), statement.integer(8), statement.seq(7),
              statement.text(0)
            ))
        }
        return page
      }
      for row in page { if let run = row.run { body(run) } }
      guard let last = page.last, page.count == StatisticsRow.pageSize else { return }
      (job, order, position) = (last.job, last.order, last.position)
    }
  }
}
