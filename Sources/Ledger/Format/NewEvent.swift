package import Events

/// An event on its way into the ledger.
package struct NewEvent: Sendable {
  package var at: WallTime
  package var mono: BootTime
  package var job: String?
  package var instance: InstanceID?
  package var kind: EventKind
  package var data: String
  /// The bytes of an output event.
  package var output: EncodedOutput?

  package init(
    at: WallTime, mono: BootTime, job: String?, instance: InstanceID?, kind: EventKind, data: JSON,
    output: EncodedOutput? = nil
  ) {
    self.at = at
    self.mono = mono
    self.job = job
    self.instance = instance
    self.kind = kind
    self.data = data.text
    self.output = output
  }

  /// True when it is the same happening, output aside.
  package func tellsTheSame(as other: NewEvent) -> Bool {
    at == other.at && mono == other.mono && kind == other.kind && instance == other.instance
      && data == other.data
  }
}

extension NewEvent {
  /// The two clocks are read one after the other, and between two reads a thread may have to wait: the wall clock goes back
  /// by no more than this without having been set. Microseconds.
  private static let clockJitter: Int64 = 100_000

  /// The event, not dated before the one that stands before it in its instance: the order of events is the order of
  /// their times. What is recorded after another was about an earlier moment, or its clocks were read earlier, by a
  /// process that queued for longer. Both times move by the same, and the wall clock by what it lags behind besides.
  /// - Parameter bootNow: the time now. An event behind that is of another boot, whose times say nothing.
  package func dated(after previous: EventTime, bootNow: () -> BootTime) -> NewEvent {
    var event = self
    if mono < previous.mono {
      guard previous.mono <= bootNow() else { return self }
      event.mono = previous.mono
      event.at = event.at + (previous.mono - mono)
    }
    let lag = previous.at - event.at
    if lag > 0, lag <= Self.clockJitter { event.at = previous.at }
    return event
  }

  /// True when these are its times, or what `dated` may have made of them.
  package func isDated(at: WallTime, mono: BootTime) -> Bool {
    guard mono >= self.mono else { return false }
    let lag = (at - self.at) &- (mono - self.mono)
    return lag >= 0 && lag <= Self.clockJitter
  }
}

extension Event {
  /// True when this is that event, appended: it may have been dated later then (`dated(after:)`).
  package func isSame(as new: NewEvent) -> Bool {
    new.isDated(at: at, mono: mono) && kind == new.kind && instance == new.instance
      && job == new.job && payload == new.output?.payload && data == new.data
  }
}
