package import Events
package import Ledger
internal import Linux
internal import Projections

/// Keeps jobs from running, and lets them run again.
package struct JobSwitching {
  private let session: LedgerSession
  private let requester: Requester
  private let keys: RequestKeys?
  private let now = WallTime.now

  /// - Parameter keys: for who may ask again with the requester's key.
  package init(
    _ session: LedgerSession, by requester: Requester, keys: RequestKeys? = nil
  ) {
    self.session = session
    self.keys = keys
    self.requester = requester
  }

  /// A pattern, and the position of the event that says what holds of it.
  package struct Switched: Equatable, Sendable {
    package let pattern: String
    package let seq: Seq
  }

  package struct Disabled: Sendable {
    package var added: [Switched] = []
    /// Disabled already, just so.
    package var present: [Switched] = []
    /// It was asked before with the same key, and nothing has been done now.
    package var repeated: RequestKeys.Use?
  }

  /// On disk when it returns. What was found disabled is so until what is missing has been added: one turn.
  /// - Parameter until: nil for ever.
  package func disable(_ patterns: [String], until: WallTime?) throws(LedgerError) -> Disabled {
    let writer = try session.openWriter()
    var result = Disabled()
    let recorded = try writer.once(requester, keys) { turn throws(LedgerError) in
      let disabled = try DisabledJobs(reader: writer.reader)
      for pattern in Self.distinct(patterns) {
        if let old = disabled.entry(ofPattern: pattern, at: now),
          old.disabled.until == until,
          requester.reason == nil || requester.reason == old.disabled.by.reason
        {
          result.present.append(Switched(pattern: pattern, seq: old.seq))
        } else {
          let wish = JobSwitch(pattern: pattern, until: until, by: requester)
          let seq = try turn.append(.ofHost(.jobDisabled, wish.json))
          result.added.append(Switched(pattern: pattern, seq: seq))
        }
      }
    }
    if case .repeated(let use) = recorded { result.repeated = use }
    if !result.added.isEmpty { try ringWaiting(result.added.map { Pattern($0.pattern) }) }
    return result
  }

  /// Instances that wait already look again, and find that they are not to start.
  private func ringWaiting(_ patterns: [Pattern]) throws(LedgerError) {
    var query = InstanceQuery(.live)
    query.states = [.created, .pending, .waiting]
    for record in try session.projections.records(query)
    where patterns.contains(where: { $0.matches(job: record.job) }) {
      // Who cannot be rung has gone, or is going to start: the turn in which it does asks too.
      _ = try RunFiles.ring(record.instance, reading: session.reader)
    }
  }

  package struct Enabled: Sendable {
    package var removed: [Switched] = []
    /// Jobs that were named and are kept from running by a pattern that was not.
    package var stillDisabled: [(name: String, by: String)] = []
    /// It was asked before with the same key, and nothing has been done now.
    package var repeated: RequestKeys.Use?
  }

  /// Takes back what was disabled with exactly these patterns. On disk when it returns.
  package func enable(_ patterns: [String]) throws(LedgerError) -> Enabled {
    let writer = try session.openWriter()
    var result = Enabled()
    var left = DisabledJobs()
    let recorded = try writer.once(requester, keys) { turn throws(LedgerError) in
      let disabled = try DisabledJobs(reader: writer.reader)
      for pattern in Self.distinct(patterns)
      where disabled.entry(ofPattern: pattern, at: now) != nil {
        let wish = JobSwitch(pattern: pattern, by: requester)
        let seq = try turn.append(.ofHost(.jobEnabled, wish.json))
        result.removed.append(Switched(pattern: pattern, seq: seq))
      }
      left = try DisabledJobs(reader: writer.reader)
    }
    if case .repeated(let use) = recorded { result.repeated = use }
    result.stillDisabled = Self.distinct(patterns).compactMap { name in
      left.entry(for: name, at: now).map { (name, $0.pattern) }
    }
    return result
  }

  /// Each once, in the order in which they were given.
  private static func distinct(_ patterns: [String]) -> [String] {
    var seen: Set<String> = []
    return patterns.filter { seen.insert($0).inserted }
  }
}
