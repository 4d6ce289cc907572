internal import CommandLineKit
internal import Documents
internal import Events
internal import Ledger
internal import Linux
internal import Operations
internal import Presentation
internal import Projections

/// The list of `hist`: runs, and in a table what was missed between them, where they stand in the order of creation.
struct HistoryListing {
  private var listing: Listing<HistoryRow>
  private let breaches: BreachHistory
  /// Not shown yet, in the order of the list.
  private var missed: ArraySlice<BreachNoticing.Found>
  private let isAscending: Bool
  private var left: Int

  /// - Parameters:
  ///   - query: its patterns, its times and its limit are those of what was missed as well. With filters that only runs can
  ///     fit, and in other orders, nothing of that is shown.
  init(
    _ format: OutputFormat, _ query: InstanceQuery, to output: StandardOutput, palette: Palette,
    _ options: TableOptions, showsParams: Bool, _ session: LedgerSession?
  ) throws {
    let now = (session?.moment ?? .now).wall
    var columns = HistoryTable.columns(InstanceTable.ended(now: now), now: now)
    let isTable = format == .table
    breaches = if isTable, let session { try BreachHistory(session.reader) } else { .init() }
    if isTable, query.isLastOfEachJob, let session {
      let due = try NextDueTimes(session, now: now)
      if !due.isEmpty { columns.append(HistoryTable.nextDue(now: now) { due.of($0) }) }
    }
    let table = Table(
      try options.columns(of: columns, hidden: InstanceTable.hidden(showsParams: showsParams)),
      terminalColumns: options.terminalColumns, palette: palette,
      rowTone: HistoryTable.rowTone)
    listing = Listing(format, "instances", to: output, table: table) { row in
      // Only tables have other rows.
      guard case .run(let instance, _) = row else { return .null }
      return instance.json
    }
    isAscending = query.isAscending
    left = query.limit ?? .max
    let wanted = Self.hasRoomForMissed(query) ? breaches.missed.filter { Self.fits($0, query) } : []
    missed = isAscending ? wanted.reversed()[...] : wanted[...]
  }

  private static func hasRoomForMissed(_ query: InstanceQuery) -> Bool {
    query.order == .created && !query.isLastOfEachJob && query.states.isEmpty
      && query.reason == nil && query.longerThan == nil && query.parameters.isEmpty
      && query.exitCodes.isEmpty && query.user == nil
      && query.executionGroup == nil
  }

  private static func fits(_ found: BreachNoticing.Found, _ query: InstanceQuery) -> Bool {
    let isNamed =
      query.patterns.isEmpty || query.patterns.contains { $0.matches(job: found.job) }
    let due = found.breach.due
    return isNamed && query.since.map { due >= $0 } ?? true && query.until.map { due < $0 } ?? true
  }

  /// - Returns: false when no more are wanted.
  mutating func append(_ instance: InstanceDocument) -> Bool {
    while let next = missed.first, isBefore(next.breach.due, instance.createdAt) {
      guard add(.missing(job: next.job, next.breach)) else { return false }
      missed.removeFirst()
    }
    return add(.run(instance, breaches.of(instance.instance)))
  }

  private func isBefore(_ due: WallTime, _ created: WallTime) -> Bool {
    isAscending ? due < created : due >= created
  }

  private mutating func add(_ row: HistoryRow) -> Bool {
    guard left > 0 else { return false }
    left -= 1
    listing.append(row)
    return left > 0
  }

  /// Nothing was shown.
  var isEmpty: Bool { listing.isEmpty }

  mutating func finish() {
    for found in missed {
      guard add(.missing(job: found.job, found.breach)) else { break }
    }
    listing.finish()
  }
}
