internal import Events

/// The time that one run's record has reached. The recorder may be behind by as long as a disk hangs: what it finds out
/// by itself (a status, a gap) is dated with what it was about, and not with when it came to it.
struct RecordedTime {
  private(set) var newest = EventTime(at: .epoch, mono: .boot)

  mutating func note(_ time: EventTime) { newest = newest.latest(time) }
}
