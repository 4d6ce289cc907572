/// The line at the bottom of a replay.
package struct ReplayStatus: Equatable, Sendable {
  package var name: String
  /// Microseconds since the start, and of all of it.
  package var position: Int64 = 0
  package var length: Int64 = 0
  package var speed = 1.0
  package var isPaused = false
  package var isOver = false
  /// The expression that is being typed.
  package var prompt: String?
  /// Something to say once.
  package var notice: String?

  package init(name: String) { self.name = name }

  package var text: String {
    if let prompt { return "/\(prompt)_" }
    let state = isOver ? "end" : isPaused ? "paused" : "plays"
    let share = length > 0 ? Int64(min(max(position, 0), length)) * 100 / length : 100
    let place =
      "\(TimeFormat.elapsed(position)) of \(TimeFormat.elapsed(length)) \(share)% "
      + "\(Self.number(speed))x"
    // First, where it is seen on a narrow terminal too.
    if let notice { return " \(state) | \(notice) | \(place) | \(name) " }
    return " \(state) \(place) | space . + - / n e arrows q | \(name) "
  }

  private static func number(_ speed: Double) -> String {
    guard speed < 1 else { return "\((speed * 10).rounded() / 10)" }
    return "1/\(Int((1 / max(speed, 1e-6)).rounded()))"
  }
}
