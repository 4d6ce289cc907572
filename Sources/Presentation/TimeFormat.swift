package import Events

/// Times and durations as tables have them, where one may be missing, and sizes. Durations are microseconds.
package enum TimeFormat {
  package static let notAvailable = "N/A"

  /// Local time, `2026-11-22 23:38:15.815`; `N/A` for nil.
  package static func local(_ time: WallTime?) -> String {
    time.map { CivilMoment(local: $0).textWithMilliseconds } ?? notAvailable
  }

  /// As a table has it: in the longest form, without milliseconds, and in eight to eleven columns: `23:38:15` of today,
  /// `11-21 23:38` of this year, `2025-11-22`.
  package static func forms<Row>(
    now: WallTime, _ time: @escaping @Sendable (Row) -> WallTime?
  ) -> (value: TableColumn<Row>.Value, shorter: [TableColumn<Row>.Value]) {
    let today = CivilMoment(local: now).date
    return (
      { local(time($0)) },
      [
        { time($0).map { CivilMoment(local: $0).text } ?? notAvailable },
        { time($0).map { CivilMoment(local: $0).brief(seenFrom: today) } ?? notAvailable },
      ]
    )
  }

  /// Formats a duration: `00:00:03.250`, `1 day, 02:03:04.567`; `N/A` for nil.
  package static func elapsed(_ microseconds: Int64?) -> String {
    microseconds.map(DurationText.clock) ?? notAvailable
  }

  /// A size in binary units with one digit after the point: `512 B`, `1.5 MiB`; rounded.
  package static func bytes(_ count: Int64) -> String {
    guard count >= 1024 else { return "\(count) B" }
    var unitSize: Int64 = 1
    for unit in ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] {
      unitSize *= 1024
      // In whole units and a remainder, because ten times the count may be too large for Int64.
      let (whole, rest) = count.quotientAndRemainder(dividingBy: unitSize)
      let tenth = (Double(rest) / Double(unitSize) * 10).rounded()
      let total = whole * 10 + Int64(tenth)
      if total < 10_240 || unit == "EiB" { return tenths(total, unit) }
    }
    return "\(count) B"
  }

  private static func tenths(_ count: Int64, _ unit: String) -> String {
    "\(count / 10).\(count % 10) \(unit)"
  }
}
