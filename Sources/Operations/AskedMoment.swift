package import Events
package import Ledger
internal import Projections
package import Settings

/// The moment as of which somebody asks, as he names it: a position of the ledger, or a time.
package enum AskedMoment: Equatable, Sendable {
  case position(Seq)
  case time(WallTime)

  private static let mostDigits = 18

  /// Digits alone are a position; everything else is a time.
  package init(_ text: String, now: WallTime) throws(SettingError) {
    let isNumber =
      !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard isNumber else {
      do throws(SettingError) { self = .time(try TimeText.time(text, now: now)) } catch {
        throw SettingError(
          text: text, reason: "it is no position of the ledger, and as a time: \(error.reason)",
          remedy: error.remedy)
      }
      return
    }
    guard text.utf8.count <= Self.mostDigits, let number = Int64(text) else {
      throw SettingError(
        text: text, reason: "no ledger has so many events",
        remedy: "accepted: the position of an event that is there")
    }
    self = .position(Seq(number))
  }

  /// The reason why a ledger has no answer of a moment.
  package enum Refusal: Error, Equatable, Sendable {
    /// Nothing has been recorded yet.
    case nothingRecorded
    /// The ledger ends before that position.
    case positionToCome(Seq, last: Seq)
    case timeToCome(WallTime)
    /// Positions begin with 1.
    case noPosition(Seq)
    /// Nothing that is there was recorded by then.
    case nothingByThen(WallTime, first: WallTime, isDropped: Bool)
    /// Retention has dropped the event at that position; the next that is there.
    case dropped(Seq, next: Seq)

    package var reason: String {
      switch self {
      case .nothingRecorded: "nothing has been recorded yet"
      case .positionToCome(let position, let last):
        "position \(position) is still to come: the ledger ends with \(last)"
      case .timeToCome(let time): "\(Timestamp.rfc3339(time)) is still to come"
      case .noPosition(let position): "there is no position \(position): the first is 1"
      case .nothingByThen(let time, let first, let isDropped):
        isDropped
          ? "retention has dropped what was recorded by \(Timestamp.rfc3339(time)): the first event "
            + "that is there is of \(Timestamp.rfc3339(first))"
          : "nothing was recorded by \(Timestamp.rfc3339(time)): the first event is of "
            + Timestamp.rfc3339(first)
      case .dropped(let position, _): "retention has dropped the event at position \(position)"
      }
    }
  }
}

extension LedgerSession {
  /// The same ledger as it was at that moment: who asks it, asks as ever, and is told what was known then.
  ///
  /// The last event that counts is the one at the position, or the last up to which nothing had happened later than the time.
  /// - Throws: `AskedMoment.Refusal`, `LedgerError`.
  package func at(_ asked: AskedMoment) throws -> LedgerSession {
    let moment = try moment(asked)
    guard let position = moment.position else { return self }
    if let earlier, earlier.position == position { return earlier.session(at: moment) }
    let kept = try EarlierLedger(self, position)
    earlier = kept
    return kept.session(at: moment)
  }

  private func moment(_ asked: AskedMoment) throws -> Moment {
    let now = WallTime.now
    let last = try reader.head().seq
    guard let first = try reader.firstEvent() else { throw AskedMoment.Refusal.nothingRecorded }
    switch asked {
    case .position(let position):
      guard position > .start else { throw AskedMoment.Refusal.noPosition(position) }
      guard position <= last else {
        throw AskedMoment.Refusal.positionToCome(position, last: last)
      }
      guard let event = try reader.lastEvent(upTo: position), event.seq == position else {
        let next = try reader.events(after: position, limit: 1).first?.seq ?? last
        throw AskedMoment.Refusal.dropped(position, next: next)
      }
      return Moment(position: position, wall: event.time.at, boot: event.time.mono)
    case .time(let time):
      guard time <= now else { throw AskedMoment.Refusal.timeToCome(time) }
      guard let event = try projections.lastEvent(at: time) else {
        throw AskedMoment.Refusal.nothingByThen(
          time, first: first.time.at, isDropped: first.seq > .first)
      }
      return Moment(
        position: event.seq, wall: time, boot: event.time.mono + (time - event.time.at))
    }
  }
}

extension LedgerSession {
  /// Events that were there at its moment, and that retention has dropped since.
  package func droppedSince() throws(LedgerError) -> Int64 {
    guard let position = moment.position else { return 0 }
    return try reader.droppedSince(position)
  }
}

/// A ledger as it was at a position: what it takes to ask it is kept for who asks again.
struct EarlierLedger {
  let position: Seq
  private let reader: LedgerReader
  private let projections: ProjectionStore

  init(_ session: LedgerSession, _ position: Seq) throws(LedgerError) {
    self.position = position
    // The file goes as far as that then, where it can be written.
    try session.projections.catchUp()
    reader = try session.reader.upTo(position)
    projections = try ProjectionStore(reader)
  }

  func session(at moment: Moment) -> LedgerSession {
    LedgerSession(reader, projections, at: moment)
  }
}
