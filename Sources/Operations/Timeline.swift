package import Documents
package import Events
internal import Ledger
internal import Projections

/// The instances of some time, job by job, and of one job in the order of creation.
package struct Timeline {
  /// So many warnings of an instance are looked for at most.
  private static let mostWarnings = 1000

  private let session: LedgerSession
  private let patterns: [Pattern]
  private let time: Range<WallTime>

  /// - Parameter time: the end does not belong to it.
  package init(_ patterns: [Pattern], in time: Range<WallTime>, of session: LedgerSession) {
    (self.patterns, self.time, self.session) = (patterns, time, session)
  }

  /// - Parameter give: returns false to end it.
  package func forEach(_ give: (TimelineDocument) throws -> Bool) throws {
    try session.projections.forEachRow(patterns, in: time) { row in
      var document = TimelineDocument(
        job: row.job, instance: row.instance, state: row.state, createdAt: row.createdAt)
      document.startedAt = row.startedAt
      document.endedAt = row.endedAt
      document.exitCode = row.exitCode
      document.reason = row.reason
      if row.hasWarnings { document.warnings = try warnings(of: row.instance) }
      return try give(document)
    }
  }

  private func warnings(of instance: InstanceID) throws -> [WallTime] {
    try session.reader.events(of: instance, limit: Self.mostWarnings)
      .filter { $0.kind == .warning }.map(\.at)
  }
}
