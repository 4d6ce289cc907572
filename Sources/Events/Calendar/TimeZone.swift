/// The clock of a place: by how much it is ahead of UTC, and since when. Seconds are those since 1970; a local second is
/// what the clock shows, counted as if it showed UTC.
///
/// Unlike `LocalTime` it does not ask the C library, whose one zone is that of $TZ: zones that are named are needed, and
/// the host's own whatever the variable says.
package struct TimeZone: Equatable, Sendable {
  /// A stretch of time in which the clock is not set.
  package struct Segment: Equatable, Sendable {
    /// The second at which the clock was set to this; Int.min where nothing is known before.
    package let start: Int
    /// The second at which it is set next; Int.max where it is not.
    package let end: Int
    /// Seconds ahead of UTC.
    package let offset: Int
    /// The same before `start`.
    package let offsetBefore: Int
  }

  /// Sorted by time.
  private let changes: [Change]
  /// The offset before all changes.
  private let first: Int
  /// Holds behind the last change.
  private let rule: DaylightRule?

  struct Change: Equatable, Sendable {
    let at: Int
    let offset: Int
  }

  package static let utc = TimeZone(changes: [], first: 0, rule: nil)

  init(changes: [Change], first: Int, rule: DaylightRule?) {
    self.changes = changes
    self.first = first
    self.rule = rule
  }

  package func offset(at second: Int) -> Int { segment(at: second).offset }

  package func segment(at second: Int) -> Segment {
    guard let last = changes.last, second < last.at else { return segmentByRule(second) }
    let next = changes.partitioningIndex { $0.at > second }
    guard next > 0 else {
      return Segment(start: .min, end: changes[0].at, offset: first, offsetBefore: first)
    }
    return Segment(
      start: changes[next - 1].at, end: changes[next].at, offset: changes[next - 1].offset,
      offsetBefore: next > 1 ? changes[next - 2].offset : first)
  }

  /// Behind the last change of the table.
  private func segmentByRule(_ second: Int) -> Segment {
    let start = changes.last?.at ?? .min
    let offset = changes.last?.offset ?? first
    let before = changes.dropLast().last?.offset ?? first
    guard let rule, let dates = rule.daylight else {
      return Segment(start: start, end: .max, offset: offset, offsetBefore: before)
    }
    let year = CivilDate(daysSince1970: second.floored(by: 86_400)).year
    var known = Change(at: start, offset: offset)
    var previous = before
    for change in (year - 1...year + 1).flatMap({ rule.changes(of: $0, dates) })
      .sorted(by: { $0.at < $1.at })
    where change.at > start {
      if change.at > second {
        return Segment(
          start: known.at, end: change.at, offset: known.offset, offsetBefore: previous)
      }
      (previous, known) = (known.offset, change)
    }
    return Segment(start: known.at, end: .max, offset: known.offset, offsetBefore: previous)
  }

  /// The seconds at which clocks show that one, in order: none where they skip it, two where they are set back over it.
  package func seconds(showing local: Int) -> [Int] {
    // Offsets lie between -26 and +26 hours, whatever the file says.
    var segment = segment(at: local - Self.longestOffset)
    var found: [Int] = []
    while true {
      let second = local - segment.offset
      if second >= segment.start, second < segment.end { found.append(second) }
      guard segment.end <= local + Self.longestOffset else { return found }
      segment = self.segment(at: segment.end)
    }
  }

  static let longestOffset = 26 * 3600
}

extension Int {
  /// Divided and rounded down, also below zero.
  package func floored(by divisor: Int) -> Int {
    let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? quotient - 1 : quotient
  }
}

extension Array {
  /// The first index from which on the condition holds, of elements that are ordered by it.
  func partitioningIndex(where isBehind: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = low + (high - low) / 2
      if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
