internal import Events
internal import Linux
internal import Settings

/// One line of the log, in the format of the original's, Python's logging.
struct LogLine: Sendable {
  let at: WallTime
  let level: LogLevel
  let message: String

  /// `2026-11-22 23:26:25,314 - INFO  - taro.jobs.runner - MESSAGE`, with its line feed.
  var text: String {
    let milliseconds = String(1000 + at.microseconds / 1000 % 1000).dropFirst()
    let time = CivilMoment(local: at).text
    return "\(time),\(milliseconds) - \(levelName) - taro.jobs.runner - \(message)\n"
  }

  /// Five columns at least.
  private var levelName: String {
    switch level {
    case .debug: "DEBUG"
    case .info: "INFO "
    case .warning: "WARNING"
    case .error: "ERROR"
    case .critical: "CRITICAL"
    }
  }

  /// Bytes of a value that are logged, so that a line fits into a datagram of syslog with all its fields.
  private static let valueLimit = 300

  /// Text that others chose, on one line and of bounded length.
  static func value(_ text: String) -> String {
    let line = EscapedText.of(String(text.unicodeScalars.prefix(valueLimit)))
    var count = 0
    let head = line.unicodeScalars.prefix { scalar in
      count += UTF8.width(scalar)
      return count <= valueLimit
    }
    let isWhole = text.unicodeScalars.count <= valueLimit && count <= valueLimit
    return isWhole ? line : "\(String(head)).."
  }
}
