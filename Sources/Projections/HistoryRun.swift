internal import Ledger
internal import SQLite

/// What statistics ask of an ended instance.
struct HistoryRun {
  static let columns = "job, state, created_at, run_us, stdout_bytes, stderr_bytes, ended"

  let job: String
  let state: RunState
  let createdAt: Int64
  /// Microseconds from start to end; nil where it never ran or nobody saw its end.
  let runMicroseconds: Int64?
  let outputBytes: Int64

  /// Nil when the row makes no sense.
  init?(_ row: borrowing Statement) {
    guard let state = RunState(rawValue: row.text(1)) else { return nil }
    job = row.text(0)
    self.state = state
    createdAt = row.integer(2)
    runMicroseconds = row.optionalInteger(3)
    let ended = row.optionalText(6).flatMap { try? JSON(parsing: $0) }
    outputBytes = ended.flatMap { Ending($0).output?.bytes } ?? (row.integer(4) &+ row.integer(5))
  }

  init(
    job: String, state: RunState, createdAt: Int64, runMicroseconds: Int64?, outputBytes: Int64
  ) {
    self.job = job
    self.state = state
    self.createdAt = createdAt
    self.runMicroseconds = runMicroseconds
    self.outputBytes = outputBytes
  }
}

extension ProjectionStore {
  /// Gives to `body` what statistics ask of each instance, in the order of creation, without keeping it. All in one
  /// read transaction; `start` is called again should it have to be done again.
  func forEachRun(
    _ query: HistoryQuery, start: () -> Void, _ body: (HistoryRun) -> Void
  ) throws(LedgerError) {
    try ask {
      start()
      let filter = try HistoryFilter(query, connection)
      try filter.define(on: connection)
      var statement = try connection.prepare(
        "SELECT \(HistoryRun.columns) FROM instance WHERE \(filter.sql) ORDER BY created_seq")
      try filter.bind(to: &statement)
      while try statement.step() {
        if let run = HistoryRun(statement) { body(run) }
      }
    }
  }
}
