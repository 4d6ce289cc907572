internal import Events
internal import Ledger
internal import Operations
internal import Projections

/// Reads output portion by portion: a reader's thread has it no longer than for one.
struct OutputReading: Sendable {
  /// About so much, and a chunk, are read at once.
  private static let portionBytes = 1 << 20
  /// So many chunks are looked through at once for the beginnings of lines.
  private static let chunksAtOnce = 8

  let executor: LedgerExecutor
  let form: OutputForm

  /// Begins in that place.
  func begin(
    _ facts: OutputFacts, _ stream: OutputStream?, from start: OutputFollower.Start, follows: Bool
  ) async throws -> OutputFollower {
    try await executor.read { session in
      guard let session, session.reader.ledgerID == facts.ledger else {
        throw OutputMissing.otherLedger
      }
      return try OutputFollower(
        facts.record, in: session, stream: stream, from: start, follows: follows)
    }
  }

  /// The place where the last lines begin.
  func startOfLines(
    _ count: Int, _ facts: OutputFacts, _ stream: OutputStream?
  ) async throws -> RecordedOutput.Position {
    var search = LineSearch(last: count, upTo: facts.end)
    while true {
      if let start = search.start { return start }
      let before = search
      search = try await executor.read { session in
        guard let session, session.reader.ledgerID == facts.ledger else {
          throw OutputMissing.otherLedger
        }
        let output = RecordedOutput(session.reader, facts.instance, stream: stream)
        var search = before
        for _ in 0..<Self.chunksAtOnce { try search.goOn(output) }
        return search
      }
    }
  }

  /// Reads what comes behind the follower, up to the instance's event `end`.
  func next(_ follower: OutputFollower, upTo end: Int64) async throws -> OutputForm.Portion {
    let form = form
    return try await executor.read { session in
      guard let session, session.reader.ledgerID == follower.ledgerID else {
        throw OutputMissing.otherLedger
      }
      var portion = OutputForm.Portion(follower)
      var follower = follower
      let hasMore = try follower.readSome(in: session, upTo: end, bytes: Self.portionBytes) {
        form.add($0, to: &portion)
      }
      portion.follower = follower
      portion.hasMore = hasMore && !form.isDone(portion)
      return portion
    }
  }
}
