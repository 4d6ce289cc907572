/// Durations in the reasons that are recorded.
enum Span {
  private static let units: [(name: String, microseconds: Int64)] = [
    ("d", 86_400_000_000), ("h", 3_600_000_000), ("min", 60_000_000), ("s", 1_000_000),
  ]

  /// The duration in its two largest units: `1 d 2 h`, `90 s` as `1 min 30 s`, and `300 ms` below a second.
  static func text(_ microseconds: Int64) -> String {
    var left = microseconds
    var parts: [String] = []
    for unit in units where left >= unit.microseconds && parts.count < 2 {
      parts.append("\(left / unit.microseconds) \(unit.name)")
      left %= unit.microseconds
    }
    return parts.isEmpty ? "\(microseconds / 1000) ms" : parts.joined(separator: " ")
  }
}
