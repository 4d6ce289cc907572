package import Events
package import Ledger
internal import Maintenance
internal import Projections

/// Looks how jobs fare, and records the changes that are to be told.
///
/// Each is recorded once, whoever and however many look: what is looked at follows from the look that the ledger has on
/// record, and is recorded in a turn of the append queue, in which nobody else has recorded a look meanwhile.
package struct ChangeNoticing {
  package struct Found: Equatable, Sendable {
    package let job: String
    package let change: JobChange
  }

  package struct Outcome: Sendable {
    package fileprivate(set) var found: [Found] = []
    /// The ledger has what was found.
    package fileprivate(set) var isRecorded = true
  }

  static let kinds: [EventKind] = [.jobChanged, .changesJudged]
  private static let troubles: [EventKind] =
    InstanceState.allCases.filter { $0.group == .failure }.map { .state($0) } + EventKind.breaches
  /// A look that finds nothing is put on record when the one before is so many positions ago: so that the next looker has
  /// less to read, a millisecond or so.
  static let mostUnrecorded: Int64 = 20_000
  /// The first look takes nothing older for a change; microseconds.
  private static let firstLook: Int64 = 3_600_000_000

  private let session: LedgerSession

  package init(_ session: LedgerSession) { self.session = session }

  /// Looks, and records what it finds; on disk when it returns. A ledger that cannot be written, or that others hold, keeps
  /// nobody from looking: the next one finds it again.
  package func run(now: WallTime = .now) throws(LedgerError) -> Outcome {
    let reader = session.reader
    guard reader.missing == nil, !reader.isCopy, !session.moment.isPast else { return Outcome() }
    var outcome = Outcome()
    for _ in 0..<3 {
      let look = try look(now)
      outcome = Outcome(found: look.found, isRecorded: look.found.isEmpty)
      guard look.isWorthRecording else { return outcome }
      do throws(LedgerError) {
        if try record(look) {
          outcome.isRecorded = true
          return outcome
        }
      } catch { return outcome }
    }
    return outcome
  }

  private struct Look {
    var found: [Found] = []
    var notice: Notice
    /// The first of the newest changes of jobs whose threads go on, without those that are found.
    var open: Seq?
    var isWorthRecording = false
  }

  private func look(_ now: WallTime) throws(LedgerError) -> Look {
    try session.projections.catchUp()
    let position = try session.projections.position()
    var look = Look(notice: Notice(at: now, seq: position, by: .thisProcess()))
    let last = try lastLook()
    let threads = try threads(last, now)
    let troubles = try troubles(since: last?.notice, look.notice)
    let expected = try ExpectedJobs(reader: session.reader)
    for job in Set(threads.keys).union(troubles.keys).sorted() {
      let standing = try JobStanding(of: job, expected.entry(of: job), in: session, now: now)
      let judge = ChangeJudge(
        last: threads[job]?.change, standing: standing, now: look.notice)
      let changes = judge.changes(troubles[job] ?? [])
      look.found += changes.map { Found(job: job, change: $0) }
      if changes.isEmpty, let seq = threads[job]?.seq { look.open = min(look.open ?? seq, seq) }
    }
    look.isWorthRecording =
      !look.found.isEmpty || last == nil
      || position.number - (last?.notice.seq.number ?? 0) > Self.mostUnrecorded
    return look
  }

  private func lastLook() throws(LedgerError) -> (notice: Notice, open: Seq)? {
    var newest: Event?
    for kind in Self.kinds {
      guard let event = try session.reader.newestHostEvent(kind) else { continue }
      if newest.map({ $0.seq < event.seq }) ?? true { newest = event }
    }
    guard let newest else { return nil }
    let look = ChangesJudged(newest.json)
    return (look.noticed, look.open)
  }

  /// The newest change of each job whose thread goes on.
  private func threads(
    _ last: (notice: Notice, open: Seq)?, _ now: WallTime
  ) throws(LedgerError) -> [String: (seq: Seq, change: JobChange)] {
    guard let last else { return [:] }
    var threads: [String: (seq: Seq, change: JobChange)] = [:]
    for event in try session.reader.hostEvents([.jobChanged], after: last.open - 1) {
      guard let job = event.job, let change = JobChange(event.json) else { continue }
      threads[job] = ChangeJudge.isOpen(change, at: now) ? (event.seq, change) : nil
    }
    return threads
  }

  // MARK: What has happened

  private func troubles(
    since last: Notice?, _ now: Notice
  ) throws(LedgerError) -> [String: [ChangeJudge.Trouble]] {
    var troubles: [String: [ChangeJudge.Trouble]] = [:]
    func take(_ event: Event) throws(LedgerError) {
      guard let job = event.job, let trouble = try trouble(event) else { return }
      troubles[job, default: []].append(trouble)
    }
    guard let last else {
      try takeRecent(before: now, take)
      return troubles
    }
    for event in try session.reader.events(Self.troubles, after: last.seq, upTo: now.seq) {
      try take(event)
    }
    return troubles
  }

  /// The first look: the last hour alone.
  private func takeRecent(
    before now: Notice, _ take: (Event) throws(LedgerError) -> Void
  ) throws(LedgerError) {
    var query = InstanceQuery(.ended)
    query.states = Set(InstanceState.allCases.filter { $0.group == .failure })
    query.order = .finished
    query.limit = 1000
    for record in try session.projections.records(query) {
      guard now.at - (record.endedAt ?? .epoch) < Self.firstLook else { break }
      if let event = try session.reader.lastEvent(of: record.instance) { try take(event) }
    }
    for kind in EventKind.breaches {
      for event in try session.reader.newestHostEvents(kind, limit: 100)
      where now.at - Notice(event.json).at < Self.firstLook { try take(event) }
    }
  }

  /// The trouble that an event tells; nil where it is none: a rehearsal, a try that has another behind it, something that was removed.
  private func trouble(_ event: Event) throws(LedgerError) -> ChangeJudge.Trouble? {
    if let breach = Breach(event) {
      var trouble = ChangeJudge.Trouble(
        JobChange.Kind(breach.kind), seq: event.seq, at: breach.due, instance: breach.instance)
      trouble.isBreach = true
      trouble.count = breach.count ?? 1
      return trouble
    }
    guard let instance = event.instance, let state = event.kind.state,
      let record = try session.projections.record(of: instance), !record.isHidden,
      record.countsForChanges
    else { return nil }
    return ChangeJudge.Trouble(
      state == .lost ? .lost : .failed, seq: event.seq, at: event.at, instance: instance)
  }

  // MARK: Recording

  /// - Returns: false where somebody else has recorded a look since.
  private func record(_ look: Look) throws(LedgerError) -> Bool {
    let writer = try session.openWriterForAsking()
    return try writer.turn(
      durable: true, queueMilliseconds: LedgerMaintenance.queueMilliseconds
    ) { turn throws(LedgerError) in
      let others = try writer.reader.hostEvents(Self.kinds, after: look.notice.seq)
      guard others.isEmpty else { return false }
      // Those that are found stand behind what was seen.
      let open = look.open ?? look.notice.seq + 1
      for found in look.found {
        var change = found.change
        change.open = open
        try turn.append(.ofJob(found.job, .jobChanged, change.json, at: look.notice.at))
      }
      if look.found.isEmpty {
        try turn.append(
          .ofHost(.changesJudged, ChangesJudged(open: open, noticed: look.notice).json))
      }
      return true
    }
  }
}
