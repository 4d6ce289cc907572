internal import Events
internal import Glibc
internal import Linux
internal import Presentation

/// Shows how far a long piece of work is, on one line of stderr that is drawn again, at most ten times a second; shows
/// nothing where stderr is no terminal.
package final class ProgressBar {
  private static let width: Int64 = 30
  private static let interval: Int64 = 100_000

  private let what: String
  private let isShown: Bool
  private let start = MonotonicTime.now
  private var next: MonotonicTime
  private var isDrawn = false

  package init(_ what: String) {
    self.what = what
    isShown = Terminal.isTerminal(2)
    next = start + Self.interval
  }

  /// - Parameters:
  ///   - total: nil where it is not known.
  ///   - bytes: of output, 0 where they are not counted.
  package func show(done: Int64, of total: Int64?, bytes: Int64) {
    let now = MonotonicTime.now
    guard isShown, now >= next else { return }
    next = now + Self.interval
    isDrawn = true
    let columns = max(20, (Terminal.columns(2) ?? 80) - 1)
    let text = Self.text(what, done: done, of: total, bytes: bytes, elapsed: now - start)
      .prefix(columns)
    // To the beginning of the line, and away with the rest of it.
    try? RawIO.writeAll(2, "\r\(text)\u{1b}[K")
  }

  /// Takes the line away.
  package func clear() {
    guard isDrawn else { return }
    isDrawn = false
    try? RawIO.writeAll(2, "\r\u{1b}[K")
  }

  /// - Parameter elapsed: microseconds.
  package static func text(
    _ what: String, done: Int64, of total: Int64?, bytes: Int64, elapsed: Int64
  ) -> String {
    var text = what
    if let total, total > 0 {
      let share = min(max(Double(done) / Double(total), 0), 1)
      let filled = Int(share * Double(width))
      text +=
        " [" + String(repeating: "#", count: filled)
        + String(repeating: " ", count: Int(width) - filled) + "] \(Int(share * 100))%"
    }
    text += " \(done) events"
    if bytes > 0, elapsed > 0 {
      let rate = Double(bytes) / Double(elapsed) * 1_000_000
      text += ", \(TimeFormat.bytes(Int64(rate)))/s of output"
    }
    return text
  }
}
