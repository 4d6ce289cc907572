internal import Events
internal import Synchronization

/// The date of an answer (RFC 9110, 5.6.7); made once a second.
enum HTTPDate {
  private static let last = Mutex<(second: Int64, text: String)>((0, ""))

  static func now() -> String {
    let now = WallTime.now
    let second = now.microseconds / 1_000_000
    return last.withLock { last in
      if last.second != second { last = (second, CivilMoment(utc: now).http) }
      return last.text
    }
  }
}
