internal import Operations
internal import Presentation
internal import Projections

extension StandingText {
  init(_ record: InstanceRecord, in session: LedgerSession) throws {
    let standing = try RunStanding(of: record, in: session)
    self.init(
      failures: standing.failures, since: standing.firstFailure?.endedAt,
      lastGood: standing.lastGood.map { ($0.endedAt, $0.runMicroseconds) }, usual: standing.usual,
      now: session.moment.wall)
  }
}
