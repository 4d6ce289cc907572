package import Events
package import Ledger
internal import Linux
internal import Projections

/// Keeps jobs from running, and lets them run again.
package struct JobSwitching {
  private let session: LedgerSession
  private let requester: Requester
  /// Microseconds since 1970.
  private let now = Clock.wallMicroseconds()

  package init(_ session: LedgerSession, by requester: Requester) {
    self.session = session
    self.requester = requester
  }

  package struct Disabled: Sendable {
    package var added: [String] = []
    /// Disabled already, just so.
    package var present: [String] = []
  }

  /// On disk when it returns. What was found disabled is so until what is missing has been added: one turn.
  /// - Parameter until: microseconds since 1970; nil for ever.
  package func disable(_ patterns: [String], until: Int64?) throws(LedgerError) -> Disabled {
    let writer = try session.openWriter()
    var result = Disabled()
    try writer.turn(durable: true) { turn throws(LedgerError) in
      let disabled = try DisabledJobs(reader: writer.reader)
      for pattern in Self.distinct(patterns) {
        if let old = disabled.entry(ofPattern: pattern, at: now),
          old.until == until, requester.reason == nil || requester.reason == old.by.reason
        {
          result.present.append(pattern)
        } else {
          let wish = JobSwitch(pattern: pattern, until: until, by: requester)
          try turn.append(.ofHost(.jobDisabled, wish.json))
          result.added.append(pattern)
        }
      }
    }
    return result
  }

  package struct Enabled: Sendable {
    package var removed: [String] = []
    /// Jobs that were named and are kept from running by a pattern that was not.
    package var stillDisabled: [(name: String, by: String)] = []
  }

  /// Takes back what was disabled with exactly these patterns. On disk when it returns.
  package func enable(_ patterns: [String]) throws(LedgerError) -> Enabled {
    let writer = try session.openWriter()
    var result = Enabled()
    var left = DisabledJobs()
    try writer.turn(durable: true) { turn throws(LedgerError) in
      let disabled = try DisabledJobs(reader: writer.reader)
      for pattern in Self.distinct(patterns)
      where disabled.entry(ofPattern: pattern, at: now) != nil {
        try turn.append(.ofHost(.jobEnabled, JobSwitch(pattern: pattern, by: requester).json))
        result.removed.append(pattern)
      }
      left = try DisabledJobs(reader: writer.reader)
    }
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
