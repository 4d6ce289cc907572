internal import Digests
package import Events
internal import Ledger
package import Maintenance
internal import Matching
package import Projections

/// Makes unreadable what an instance that has ended has printed, or had recorded of it: finds it, replaces it, and removes what
/// copies the ledger's files have.
package struct Redaction {
  /// The reasons that nothing is done for.
  package enum Refusal: Error, Sendable {
    /// It has not ended.
    case isLive(String)
    /// A piece of the output cannot be looked through.
    case unreadable(Seq)
    /// The expression takes too long in the output, or in what was recorded.
    case gaveUp
    /// Somebody else has changed or dropped it meanwhile.
    case changedMeanwhile
  }

  package struct Outcome: Sendable {
    package let events: Int64
    /// Copies are left, until a reader has gone; whoever opens the ledger next removes them.
    package let hasCopies: Bool
  }

  private let session: LedgerSession
  private let record: InstanceRecord
  package let plan: RedactionPlan
  /// The job's id has it too. It stays: what is said of the job, of its other runs too, goes by it.
  package let isInJobID: Bool
  /// Pieces of its output that retention has dropped.
  package private(set) var droppedPieces: Int64 = 0

  /// Looks for it in all that there is of the instance.
  /// - Parameter progress: told how many bytes of output were looked through.
  package init(
    of pattern: SecretPattern, in record: InstanceRecord, _ session: LedgerSession,
    progress: (_ bytes: Int64) -> Void = { _ in }
  ) throws {
    guard record.endedAt != nil else { throw Refusal.isLive(record.name) }
    self.session = session
    self.record = record
    var search = RedactionSearch(pattern, record, session)
    do {
      plan = try search.run(progress)
      isInJobID = try pattern.isFound(in: record.job)
    } catch is PlaceMatcher.GaveUp { throw Refusal.gaveUp }
    droppedPieces = search.droppedPieces
  }

  /// On disk when it returns. Copies are looked for as long as a reader is in the way for some seconds.
  package func carryOut(by requester: Requester) throws -> Outcome {
    let writer = try session.openWriter()
    guard
      case .done(let events) = try RedactionExecution.carryOut(
        plan, through: writer, by: requester)
    else { throw Refusal.changedMeanwhile }
    // It is done: what is left of it is told, and no error.
    let isClean = (try? session.clean(for: 10_000)) ?? false
    return Outcome(events: events, hasCopies: !isClean)
  }
}

/// Finds what a `Redaction` is to change.
struct RedactionSearch {
  private let pattern: SecretPattern
  private let record: InstanceRecord
  private let session: LedgerSession
  private var plan: RedactionPlan
  private(set) var droppedPieces: Int64 = 0
  /// The bytes that there are more of each stream, or fewer.
  private var growth: [OutputStream: Int64] = [:]

  init(_ pattern: SecretPattern, _ record: InstanceRecord, _ session: LedgerSession) {
    self.pattern = pattern
    self.record = record
    self.session = session
    plan = RedactionPlan(
      job: record.job, instance: record.instance, keepsLength: pattern.keepsLength)
  }

  mutating func run(_ progress: (Int64) -> Void) throws -> RedactionPlan {
    try searchOutput(progress)
    var n: Int64 = 0
    while true {
      let page = try session.reader.events(of: record.instance, after: n, withOutput: true)
      guard let last = page.last?.n else { return plan }
      for event in page where event.kind != .output { try search(event) }
      n = last
    }
  }

  private mutating func search(_ event: Event) throws {
    let data = event.json
    var places: Int64 = 0
    let redacted = try pattern.redacted(data: data, &places)
    let changed = event.kind.isTerminal ? withGrowth(redacted ?? data) ?? redacted : redacted
    guard let changed else { return }
    plan.places += places
    plan.change(event, to: changed.text)
  }

  /// The end tells how much was printed.
  private func withGrowth(_ data: JSON) -> JSON? {
    guard growth.values.contains(where: { $0 != 0 }), let members = data.members else {
      return nil
    }
    return .object(
      members.map { member in
        guard member.key == "output", let totals = member.value.members else { return member }
        return JSON.Member(
          "output",
          .object(
            totals.map { total in
              let stream: OutputStream? =
                total.key == "stdout" ? .stdout : total.key == "stderr" ? .stderr : nil
              guard let stream, let bytes = total.value.integer else { return total }
              return JSON.Member(total.key, .integer(max(0, bytes &+ (growth[stream] ?? 0))))
            }))
      })
  }

  private mutating func searchOutput(_ progress: (Int64) -> Void) throws {
    var streams: [OutputStream: StreamSearch] = [
      .stdout: StreamSearch(pattern), .stderr: StreamSearch(pattern),
    ]
    var n: Int64 = 0
    var bytes: Int64 = 0
    var hasMore = true
    while hasMore {
      let batch = try session.reader.outputBatch(
        of: record.instance, after: n, upTo: .max, limit: 64, bytes: LedgerReader.outputAtOnce,
        withGaps: true)
      for piece in batch.pieces {
        n = piece.n
        switch piece.content {
        case .damaged: throw Redaction.Refusal.unreadable(piece.seq)
        case .absent:
          droppedPieces += 1
          for stream in OutputStream.allCases { try finish(&streams[stream], stream) }
        // What is before it does not go on behind it.
        case .gap(let gap):
          guard gap.bytes > 0 else { continue }
          for stream in OutputStream.allCases { try finish(&streams[stream], stream) }
        case .chunk(let chunk):
          let payload = Digest(of: chunk.bytes)
          var offset = 0
          for run in chunk.runs {
            let part = chunk.bytes[offset..<(offset + run.length)]
            let found = try streams[run.stream]?.append(
              part, of: piece.n, payload: payload, at: offset)
            note(found ?? [], run.stream)
            offset += run.length
          }
          bytes += Int64(chunk.bytes.count)
        }
      }
      progress(bytes)
      hasMore = batch.hasMore
    }
    for stream in OutputStream.allCases { try finish(&streams[stream], stream) }
    plan.places += streams.values.reduce(0) { $0 + $1.places }
  }

  private mutating func finish(_ search: inout StreamSearch?, _ stream: OutputStream) throws {
    note(try search?.finish() ?? [], stream)
  }

  private mutating func note(_ found: [StreamSearch.Found], _ stream: OutputStream) {
    for place in found {
      plan.cut(place.cut, of: place.n, payload: place.payload)
      growth[stream, default: 0] += Int64(place.cut.replacement.count - place.cut.range.count)
    }
  }
}
