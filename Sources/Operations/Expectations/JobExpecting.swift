package import Events
package import Ledger
package import Projections

/// Says what is expected of jobs, and takes it back.
package struct JobExpecting {
  private let session: LedgerSession
  private let requester: Requester

  package init(_ session: LedgerSession, by requester: Requester) {
    self.session = session
    self.requester = requester
  }

  package struct Expected: Sendable {
    package fileprivate(set) var added: [ExpectedJobs.Entry] = []
    /// Just so expected already: nothing was recorded.
    package fileprivate(set) var present: [ExpectedJobs.Entry] = []
  }

  /// On disk when it returns: one turn. A job of which other things were expected gets the new ones.
  package func expect(
    _ wishes: [(job: String, expectation: JobExpectation)]
  ) throws(LedgerError) -> Expected {
    let writer = try session.openWriter()
    var result = Expected()
    let now = WallTime.now
    try writer.turn(durable: true) { turn throws(LedgerError) in
      result = Expected()
      let known = try ExpectedJobs(reader: writer.reader)
      for wish in wishes {
        if let old = known.entry(of: wish.job),
          old.expectation.expectsTheSame(as: wish.expectation)
        {
          result.present.append(old)
          continue
        }
        var expectation = wish.expectation
        expectation.by = requester
        let seq = try turn.append(
          .ofJob(wish.job, .jobExpected, expectation.json, at: now))
        result.added.append(
          ExpectedJobs.Entry(job: wish.job, expectation: expectation, seq: seq, at: now))
      }
    }
    return result
  }

  /// Takes back what is expected of these jobs. On disk when it returns.
  /// - Returns: those of which something was.
  package func unexpect(_ jobs: [String]) throws(LedgerError) -> [String] {
    let writer = try session.openWriter()
    var removed: [String] = []
    try writer.turn(durable: true) { turn throws(LedgerError) in
      removed = []
      let known = try ExpectedJobs(reader: writer.reader)
      for job in jobs where known.entry(of: job) != nil && !removed.contains(job) {
        try turn.append(.ofJob(job, .jobUnexpected, requester.json, at: .now))
        removed.append(job)
      }
    }
    return removed
  }
}

extension NewEvent {
  /// An event of a job and none of its instances.
  static func ofJob(
    _ job: String, _ kind: EventKind, _ data: JSON, at time: WallTime, mono: BootTime = .now
  ) -> NewEvent {
    NewEvent(at: time, mono: mono, job: job, instance: nil, kind: kind, data: data)
  }
}
