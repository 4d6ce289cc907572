package import Events
package import Ledger
internal import SQLite

/// The time of which an answer is: now, or that of an earlier position.
package struct Moment: Equatable, Sendable {
  /// The position that was gone back to; nil for now.
  package let position: Seq?
  package let wall: WallTime
  /// The time since boot then: how long something has been running is told by it.
  package let boot: BootTime

  package init(position: Seq?, wall: WallTime, boot: BootTime) {
    (self.position, self.wall, self.boot) = (position, wall, boot)
  }

  package static var now: Moment { Moment(position: nil, wall: .now, boot: .now) }

  /// False: what is not recorded, as that a command still runs, can be looked for.
  package var isPast: Bool { position != nil }
}

extension ProjectionStore {
  /// The last position up to which nothing had happened later than that: the first event that is later decides. Times in the
  /// ledger follow the clock, which may have been set back, and who could not append at once comes late: both count where they
  /// stand. Nil when that is before the first event.
  package func lastEvent(at time: WallTime) throws(LedgerError) -> (seq: Seq, time: EventTime)? {
    let known = try ask {
      var statement = try connection.prepare(
        "SELECT seq FROM main.moment WHERE at <= ? ORDER BY seq DESC LIMIT 1")
      try statement.bind(1, time)
      return try statement.step() ? statement.seq(0) : .start
    }
    let later = try reader.firstEvent(after: known, laterThan: time)
    return try reader.lastEvent(upTo: later.map { $0 - 1 } ?? .max)
  }
}
