internal import Ledger
internal import Operations
internal import Projections

/// The tallies of jobs, kept from the first time that somebody asks: they begin with what the history has then. With another
/// ledger at the name they begin anew.
actor JobCounters {
  private let executor: LedgerExecutor
  private var tallies: JobTallies?
  private var running: Task<JobTallies?, any Error>?

  /// They begin anew when something is removed from the history; else nothing is taken from them while the server runs.
  private let beginsAnew: Bool

  init(_ executor: LedgerExecutor, beginsAnew: Bool) {
    self.executor = executor
    self.beginsAnew = beginsAnew
  }

  /// As of now; nil while there is no ledger.
  func current() async throws -> JobTallies? {
    // What others ask for just now may have begun before what is asked for here.
    while let other = running {
      _ = try? await other.value
      // Whoever began it may look later than this one.
      if running == other { running = nil }
    }
    let task = Task { [executor, tallies, beginsAnew] in
      try await Self.advanced(tallies, executor, beginsAnew)
    }
    running = task
    defer { if running == task { running = nil } }
    tallies = try await task.value
    return tallies
  }

  /// Takes in what has happened, before retention can take it away.
  func keepUp() async {
    guard tallies != nil else { return }
    _ = try? await current()
  }

  private static func advanced(
    _ tallies: JobTallies?, _ executor: LedgerExecutor, _ beginsAnew: Bool
  ) async throws -> JobTallies? {
    var known = tallies
    while true {
      let before = known
      let step = try await executor.read { session -> (tallies: JobTallies, hasMore: Bool)? in
        guard let session else { return nil }
        guard var tallies = before, tallies.ledger == session.reader.ledgerID,
          !beginsAnew || !tallies.isStale
        else { return (try session.projections.tallies(), true) }
        let hasMore = try tallies.advance(session.reader)
        return (tallies, hasMore || beginsAnew && tallies.isStale)
      }
      known = step?.tallies
      guard let step, step.hasMore else { return known }
    }
  }
}
