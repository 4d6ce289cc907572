package import Documents
package import Events
internal import Ledger
package import Projections

/// The instances of some time, job by job, and of one job in the order of creation.
package struct Timeline {
  /// So many warnings of an instance are looked for at most.
  private static let mostWarnings = 1000
  /// So many are read at once.
  package static let atOnce = 1024

  private let session: LedgerSession

  package init(_ session: LedgerSession) { self.session = session }

  /// - Parameters:
  ///   - query: its order, limit and cursor count for nothing.
  ///   - time: the end does not belong to it.
  ///   - give: returns false to end it.
  package func forEach(
    _ query: InstanceQuery, in time: Range<WallTime>, _ give: (TimelineDocument) throws -> Bool
  ) throws {
    var rest = try positions(query, in: time)[...]
    while !rest.isEmpty {
      let wanted = rest.prefix(Self.atOnce)
      rest = rest.dropFirst(wanted.count)
      for document in try documents(at: wanted) where try !give(document) { return }
    }
  }

  /// Returns where they are, for who reads them piece by piece.
  package func positions(_ query: InstanceQuery, in time: Range<WallTime>) throws -> [Seq] {
    try session.projections.positions(query, in: time)
  }

  /// Returns those at these positions.
  package func documents(at positions: ArraySlice<Seq>) throws -> [TimelineDocument] {
    try session.projections.timelineRows(at: positions).map { row in
      var document = TimelineDocument(
        job: row.job, instance: row.instance, state: row.state, createdAt: row.createdAt)
      document.startedAt = row.startedAt
      document.endedAt = row.endedAt
      document.exitCode = row.exitCode
      document.reason = row.reason
      if row.hasWarnings { document.warnings = try warnings(of: row.instance) }
      return document
    }
  }

  private func warnings(of instance: InstanceID) throws -> [WallTime] {
    try session.reader.events(of: instance, limit: Self.mostWarnings)
      .filter { $0.kind == .warning }.map(\.at)
  }
}
