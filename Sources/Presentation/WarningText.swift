package import Events

/// Warnings as people read them. Made printable by who shows them.
package enum WarningText {
  /// For a table: `time 10s`, `ERROR: 3`, `silence 5s: 2`.
  package static func short(_ warning: Warning) -> String {
    switch warning.kind {
    case .time: "time \(warning.text)"
    case .output: "\(warning.text): \(warning.count)"
    case .silence: "silence \(warning.text): \(warning.count)"
    }
  }

  /// `output ERROR, 3 times, last: ERROR in row 7`.
  package static func long(_ warning: Warning) -> String {
    var text = "\(warning.kind.rawValue) \(warning.text)"
    if warning.kind != .time { text += ", \(times(warning.count))" }
    if warning.unmatchedBytes > 0 {
      text += ", \(TimeFormat.bytes(warning.unmatchedBytes)) not looked at"
    }
    if let last = warning.last { text += ", last: \(last)" }
    return text
  }

  private static func times(_ count: Int64) -> String {
    switch count {
    case 0: "never"
    case 1: "once"
    default: "\(count) times"
    }
  }
}
