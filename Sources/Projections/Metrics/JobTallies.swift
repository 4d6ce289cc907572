package import Events
package import Ledger
internal import SQLite

/// The tallies of all jobs at a position of the ledger: asked of the projections once, and then taken further event by
/// event. So they do not go down when retention or somebody drops what was counted. Of rehearsals those that are live count,
/// as instances, and nothing else.
///
/// Memory: some 500 bytes a job, of the first 10,000, and the records of live instances.
package struct JobTallies: Sendable {
  private static let mostJobs = 10_000
  /// Positions that are looked through at once, and the memory that this takes: these events are small.
  private static let batch: Int64 = 4096
  private static let kinds =
    InstanceState.allCases.map { EventKind.state($0) } + [.historyRemoved, .retained]
    + EventKind.breaches
  /// So many breaches of each sort are counted at first, the newest.
  private static let mostBreaches = 10_000

  package let ledger: String
  /// The last event that counts.
  package private(set) var position: Seq
  /// In an order that stays: of those with the newest instances first, and then as they come.
  package private(set) var jobs: [JobTally] = []
  /// Those of all other jobs, as one; nil while there are none.
  package private(set) var rest: JobTally?
  /// Something of the history that was counted may have been removed from it since.
  package private(set) var isStale = false
  private var indices: [[UInt8]: Int] = [:]
  private var live: [InstanceID: InstanceRecord] = [:]

  init(ledger: String, position: Seq) {
    self.ledger = ledger
    self.position = position
  }

  /// The tally of a job; nil where nothing of it counts, or where it is one of the rest.
  package subscript(job: String) -> JobTally? { indices[Array(job.utf8)].map { jobs[$0] } }

  private mutating func change(_ job: String, _ body: (inout JobTally) -> Void) {
    // As bytes: two ids that look alike are two.
    let key = Array(job.utf8)
    if let index = indices[key] { return body(&jobs[index]) }
    guard jobs.count < Self.mostJobs else {
      var others = rest ?? JobTally(job: "")
      body(&others)
      rest = others
      return
    }
    indices[key] = jobs.count
    var tally = JobTally(job: job)
    body(&tally)
    jobs.append(tally)
  }

  mutating func addLive(_ record: InstanceRecord) {
    live[record.instance] = record.lean
    change(record.job) { tally in
      tally.live += 1
      if !record.isRehearsal { tally.noteStart(record.startedAt) }
    }
  }

  mutating func addEnded(
    _ job: String, _ state: InstanceState, startedAt: WallTime?, endedAt: WallTime,
    microseconds: Int64?,
    exitCode: () -> Int64?
  ) {
    change(job) { tally in
      tally.noteStart(startedAt)
      tally.add(state, endedAt: endedAt, microseconds: microseconds, exitCode: exitCode)
    }
  }

  /// Takes in what has happened since, up to some thousand positions.
  /// - Returns: whether there is more.
  package mutating func advance(_ reader: LedgerReader) throws(LedgerError) -> Bool {
    let head = try reader.head().seq
    let end = min(head, position + Self.batch)
    guard end > position else { return false }
    for event in try reader.events(Self.kinds, after: position, upTo: end) { apply(event) }
    position = end
    return end < head
  }

  /// Counts what was not as it was expected before anybody asked.
  mutating func addBreaches(_ reader: LedgerReader) throws(LedgerError) {
    for kind in EventKind.breaches {
      for event in try reader.newestHostEvents(kind, limit: Self.mostBreaches)
      where event.seq <= position {
        if let breach = Breach(event), let job = event.job { change(job) { $0.add(breach) } }
      }
    }
  }

  mutating func apply(_ event: Event) {
    if let record = InstanceRecord(event) { return addLive(record) }
    if let breach = Breach(event), let job = event.job { return change(job) { $0.add(breach) } }
    if event.kind == .historyRemoved || !event.droppedInstances.isEmpty { isStale = true }
    guard let instance = event.instance, var record = live[instance] else { return }
    record.apply(event)
    let counts = !record.isRehearsal
    guard let endedAt = record.endedAt else {
      live[instance] = record
      if counts { change(record.job) { $0.noteStart(record.startedAt) } }
      return
    }
    live[instance] = nil
    change(record.job) { $0.live -= 1 }
    guard counts else { return }
    addEnded(
      record.job, record.state, startedAt: record.startedAt, endedAt: endedAt,
      microseconds: record.runMicroseconds
    ) { record.ending?.exitCode }
  }
}

extension ProjectionStore {
  /// Counts what the history has now: nothing of what was removed from it. One pass over all instances.
  package func tallies() throws(LedgerError) -> JobTallies {
    try ask {
      // Until it is reset at the end: one read transaction.
      var start = try connection.prepare("SELECT seq FROM checkpoint")
      var tallies = JobTallies(
        ledger: reader.ledgerID, position: try start.step() ? start.seq(0) : .start)
      // In this order the next to last may have been the last to end: its exit code is seldom asked for.
      var ended = try connection.prepare(
        """
        SELECT job, state, started_at, ended_at, run_us, ended FROM instance
        WHERE ended_at IS NOT NULL AND hidden = 0 AND \(Rehearsal.isNone) ORDER BY created_seq DESC
        """)
      while try ended.step() {
        guard let state = InstanceState(rawValue: ended.text(1)) else { continue }
        tallies.addEnded(
          ended.text(0), state, startedAt: ended.optionalWallTime(2), endedAt: ended.wallTime(3),
          microseconds: ended.optionalInteger(4)
        ) {
          ended.optionalText(5).flatMap { try? JSON(parsing: $0) }.flatMap { Ending($0).exitCode }
        }
      }
      var live = try connection.prepare(
        "SELECT \(InstanceRow.columns) FROM instance WHERE ended_at IS NULL")
      while try live.step() {
        if let record = InstanceRow.record(live) { tallies.addLive(record) }
      }
      start.reset()
      try tallies.addBreaches(reader)
      return tallies
    }
  }
}
