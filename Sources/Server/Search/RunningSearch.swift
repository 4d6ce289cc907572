internal import Documents
internal import Events
internal import Ledger
internal import Linux
internal import NIOCore
internal import Operations
internal import Projections

/// A search that goes on portion by portion, as JSON Lines.
final class RunningSearch: Sendable {
  /// The size of a portion, about, and the time that one takes: then it is the turn of others.
  private static let portionBytes = 64 << 10
  private static let portionTime: Int64 = 50_000

  struct Portion: Sendable {
    var text = ByteBuffer()
    var isLast = false
  }

  /// An expression that was given up in so many lines is not looked for in more.
  private static let mostGivenUp = 10

  // One thread at a time: a portion is waited for before the next is asked for.
  nonisolated(unsafe) private var search: OutputSearch
  nonisolated(unsafe) private var ledger: String?
  /// So many documents are still wanted.
  nonisolated(unsafe) private var left: Int
  nonisolated(unsafe) private var isComplete = true
  private let countsOnly: Bool

  init(_ parameters: SearchParameters) {
    search = OutputSearch(parameters.request, parameters.query)
    left = parameters.limit
    countsOnly = parameters.countsOnly
  }

  /// - Throws: `OutputMissing` where another ledger has taken the place of the one that was begun with.
  func next(in session: LedgerSession?) throws -> Portion {
    var portion = Portion()
    guard let session else {
      portion.isLast = true
      write(end, to: &portion)
      return portion
    }
    guard ledger ?? session.reader.ledgerID == session.reader.ledgerID else {
      throw OutputMissing.otherLedger
    }
    ledger = session.reader.ledgerID
    let deadline = MonotonicTime.now + Self.portionTime
    var givenUp = search.outcome.gaveUp
    try search.goOn(
      in: session,
      until: {
        portion.text.readableBytes >= Self.portionBytes || MonotonicTime.now >= deadline
      }
    ) { record, event in
      if case .item(.gaveUp) = event { givenUp += 1 }
      guard let document = json(record, event) else { return true }
      isComplete = left > 0 && givenUp <= Self.mostGivenUp
      guard isComplete else { return false }
      left -= 1
      write(document, to: &portion)
      return true
    }
    portion.isLast = search.isDone
    if portion.isLast { write(end, to: &portion) }
    return portion
  }

  private func write(_ document: JSON, to portion: inout Portion) {
    portion.text.writeString(document.text)
    portion.text.writeString("\n")
  }

  private func json(_ record: InstanceRecord, _ event: OutputSearch.Event) -> JSON? {
    switch event {
    case .item(.line(let line)): HitDocument(record, line).json
    case .item(.gap), .removed: nil
    case .item(.gaveUp(let line)): missing(record, .givenUp, at: line.at)
    case .item(.damaged(let seq, let bytes)): missing(record, .damaged, seq: seq, bytes: bytes)
    case .item(.dropped(let bytes)): missing(record, .dropped, bytes: bytes > 0 ? bytes : nil)
    case .end(let count):
      countsOnly && count > 0 ? HitCountDocument(record, lines: count).json : nil
    }
  }

  /// Says what could not be searched.
  private func missing(
    _ record: InstanceRecord, _ reason: SearchGap.Reason, at: WallTime? = nil, seq: Seq? = nil,
    bytes: Int64? = nil
  ) -> JSON {
    SearchGap(
      job: record.job, instance: record.instance, reason, at: at, seq: seq, bytes: bytes
    ).json
  }

  /// The last line: what comes without it is not whole.
  private var end: JSON {
    let outcome = search.outcome
    return SearchEnd(
      lines: outcome.lines, instances: outcome.instances, gaveUp: outcome.gaveUp,
      damaged: outcome.damaged, dropped: outcome.removed, isComplete: isComplete
    ).json
  }
}
