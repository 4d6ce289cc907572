internal import Digests
package import Events
internal import SQLite

/// A run of positions of the chain.
package struct ChainStretch: Sendable {
  package enum Link: Sendable {
    case event(Event)
    /// Retention has dropped the events at these positions; the digest of the last.
    case dropped(ClosedRange<Seq>, Digest)
  }

  package fileprivate(set) var links: [Link] = []
  /// The last position of it.
  package fileprivate(set) var end: Seq
}

extension LedgerReader {
  /// The events behind that position and not behind `end`, about `limit` of them, all of one moment. Ends with what comes
  /// last before `end`, where nothing is left; no links where `end` is within what was dropped.
  /// - Throws: `damaged` where an event is neither there nor dropped.
  package func chain(
    after seq: Seq, upTo end: Seq, limit: Int = 1000
  ) throws(LedgerError) -> ChainStretch {
    var stretch = ChainStretch(end: seq)
    var missing: Seq?
    try mapped { () throws(SQLiteError) in
      var statement = try connection.prepare(
        """
        SELECT \(StoredEvent.columns) FROM event WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT \(limit)
        """)
      try statement.bind(1, seq)
      try statement.bind(2, end)
      // While it is not at its end, all is of one moment.
      var left = Self.bytesAtOnce
      while left > 0, missing == nil, try statement.step() {
        let event = Self.event(statement)
        if event.seq > stretch.end + 1 {
          missing = try pass(to: event.seq - 1, &stretch)
        }
        guard missing == nil else { break }
        stretch.links.append(.event(event))
        stretch.end = event.seq
        left -= event.data.utf8.count
      }
      if stretch.links.isEmpty, missing == nil, stretch.end < end {
        missing = try pass(to: end, &stretch)
      }
    }
    if let missing {
      throw .damaged(path: directory.path, reason: "event \(missing) is not there")
    }
    return stretch
  }

  /// Passes positions without events.
  /// - Returns: one that was not dropped either.
  private func pass(to last: Seq, _ stretch: inout ChainStretch) throws(SQLiteError) -> Seq? {
    while stretch.end < last {
      let next = stretch.end + 1
      guard let run = try DroppedRanges.run(around: next, in: connection) else { return next }
      // Its last digest is behind the end that was asked for.
      guard run.last <= last else { return nil }
      stretch.links.append(.dropped(next...run.last, run.digest))
      stretch.end = run.last
    }
    return nil
  }

  /// Events of one instance after position `n` and not behind `end`, each with the digest of the event before it in the ledger. Up
  /// to `limit`, fewer where they are large, none when there are no more.
  /// - Throws: `damaged` where that digest is not there.
  package func linkedEvents(
    of instance: InstanceID, after n: Int64, upTo end: Seq, limit: Int = 1000
  ) throws(LedgerError) -> [(event: Event, previous: Digest)] {
    var found: [(event: Event, previous: Digest)] = []
    var unlinked: Seq?
    try mapped { () throws(SQLiteError) in
      let columns = StoredEvent.columns.split(separator: ", ").map { "e.\($0)" }
        .joined(separator: ", ")
      let dropped = try DroppedRanges.exist(in: connection)
      var statement = try connection.prepare(
        """
        SELECT \(columns), COALESCE(p.digest, \(dropped ? "d.digest" : "NULL")) FROM event e
        LEFT JOIN event p ON p.seq = e.seq - 1 \(dropped ? "LEFT JOIN dropped d ON d.last = e.seq - 1" : "")
        WHERE e.instance = ? AND e.n > ? AND e.seq <= ? ORDER BY e.n LIMIT \(limit)
        """)
      try statement.bind(1, instance.text)
      try statement.bind(2, n)
      try statement.bind(3, end)
      var left = Self.bytesAtOnce
      while left > 0, try statement.step() {
        let event = Self.event(statement)
        let stored = statement.digest(10)
        let previous = event.seq == .first ? Chain.genesis(ledgerID: originID) : stored
        guard let previous else {
          unlinked = event.seq
          break
        }
        found.append((event, previous))
        left -= event.data.utf8.count
      }
    }
    if let unlinked {
      throw .damaged(path: directory.path, reason: "event \(unlinked - 1) is not there")
    }
    return found
  }
}
