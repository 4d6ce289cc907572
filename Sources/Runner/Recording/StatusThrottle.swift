internal import Events

/// Tells an instance's status at once, but not more often than the interval. The last of many is told too, though nothing
/// follows it.
struct StatusThrottle {
  private static let interval: Int64 = 1_000_000

  private var told: String?
  private var toldAt: MonotonicTime?

  /// Returns the time at which this text is to be told; nil when it has been, or there is none.
  func dueAt(_ text: String?) -> MonotonicTime? {
    guard let text, text != told else { return nil }
    return toldAt.map { $0 + Self.interval } ?? .zero
  }

  /// The text, if it is to be told now; it counts as told then.
  mutating func take(_ text: String?, _ now: MonotonicTime) -> String? {
    guard let dueAt = dueAt(text), now >= dueAt else { return nil }
    (told, toldAt) = (text, now)
    return text
  }
}
