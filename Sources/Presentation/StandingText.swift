package import Events

/// The place of a run among those of its job, in words.
package struct StandingText {
  private let failures: Int64
  private let since: WallTime?
  private let lastGood: (at: WallTime?, run: Int64?)?
  private let usual: Int64?
  private let now: WallTime

  /// - Parameters:
  ///   - failures: failures in a row, this run the last of them; 0 where it is none.
  ///   - since: the time of the first of them.
  ///   - lastGood: when the last good run before it ended, and how long it took.
  ///   - usual: how long the job usually takes, microseconds.
  package init(
    failures: Int64, since: WallTime?, lastGood: (at: WallTime?, run: Int64?)?, usual: Int64?,
    now: WallTime
  ) {
    self.failures = failures
    self.since = since
    self.lastGood = lastGood
    self.usual = usual
    self.now = now
  }

  /// The place of a failure in a row: `the 11th failure in a row, the first at 15:09:10`; nil for others, and for one alone.
  package var row: String? {
    guard failures > 1 else { return nil }
    return "the \(Self.ordinal(failures)) failure in a row"
      + (since.map { ", the first at \(time($0))" } ?? "")
  }

  /// The last good run before a failure: `last completed at 15:08:00, took 428 ms`; nil for others.
  package var good: String? {
    guard failures > 0 else { return nil }
    guard let lastGood else { return "it has never completed before" }
    return "last completed at \(time(lastGood.at))"
      + (lastGood.run.map { ", took \(DurationText.short($0))" } ?? "")
  }

  /// `usually 428 ms`; nil where that is not known.
  package var usually: String? { usual.map { "usually \(DurationText.short($0))" } }

  private func time(_ time: WallTime?) -> String {
    time.map { CivilMoment(local: $0).brief(seenFrom: CivilMoment(local: now).date) }
      ?? TimeFormat.notAvailable
  }

  static func ordinal(_ number: Int64) -> String {
    let ending =
      switch (number % 100, number % 10) {
      case (11...13, _): "th"
      case (_, 1): "st"
      case (_, 2): "nd"
      case (_, 3): "rd"
      default: "th"
      }
    return "\(number)\(ending)"
  }
}
