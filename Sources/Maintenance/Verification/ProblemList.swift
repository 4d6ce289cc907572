internal import Events
internal import Ledger

/// Problems as they are found: the first so many, and how many there are.
struct ProblemList {
  private let limit: Int
  private(set) var kept: [LedgerProblem] = []
  private(set) var count: Int64 = 0
  /// The first position whose event cannot be trusted.
  private(set) var firstBadEvent: Seq?
  private(set) var badPayloads: Int64 = 0

  init(limit: Int) { self.limit = limit }

  mutating func append(_ problem: LedgerProblem) {
    count += 1
    if problem.kind == .payload { badPayloads += 1 }
    if problem.kind.concernsEvents, let seq = problem.seq {
      firstBadEvent = min(firstBadEvent ?? seq, seq)
    }
    if kept.count < limit { kept.append(problem) }
  }
}
