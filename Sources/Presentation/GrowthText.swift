internal import Events

/// The growth of a ledger, and the time after which its disk is full, as far as its past tells.
package enum GrowthText {
  private static let day: Int64 = 86_400_000_000
  /// From less time than this nothing follows.
  private static let leastTime: Int64 = 3_600_000_000

  /// `2.4 KiB a run, 3.4 MiB a day; 12.0 GiB are free, for about 9 years`; nil where nothing can be said yet.
  /// - Parameters:
  ///   - bytes: what is in use for the runs.
  ///   - time: from the first event to the last, microseconds.
  ///   - room: bytes that are free on its disk.
  package static func line(
    bytes: Int64, runs: Int64, time: Int64, room: Int64
  ) -> String? {
    guard runs > 0, bytes > 0 else { return nil }
    var text = "\(TimeFormat.bytes(bytes / runs)) a run"
    let free = "\(TimeFormat.bytes(room)) are free"
    guard time >= leastTime else { return "\(text); \(free)" }
    let perDay = Double(bytes) / Double(time) * Double(day)
    text += ", \(TimeFormat.bytes(Int64(min(perDay, 1e18)))) a day"
    return "\(text); \(free), for \(span(days: Double(room) / max(perDay, 1)))"
  }

  private static func span(days: Double) -> String {
    switch days {
    case ..<1: "less than a day"
    case ..<60: "about \(CountText.of(Int64(days), "day"))"
    case ..<730: "about \(Int64(days / 30)) months"
    case ..<36_500: "about \(Int64(days / 365)) years"
    default: "more than a hundred years"
    }
  }
}
