internal import Documents
internal import Events
internal import Linux

/// A table of runs (RFC 4180): the first row has the names, and new columns come behind the others.
enum CSVText {
  private static let columns: [(String, @Sendable (InstanceDocument) -> String?)] = [
    ("job", { $0.job }), ("instance", { $0.instance.text }), ("state", { $0.state.rawValue }),
    ("group", { $0.group.rawValue }), ("reason", { $0.reason }),
    ("created_at", { Timestamp.rfc3339($0.createdAt) }),
    ("started_at", { $0.startedAt.map(Timestamp.rfc3339) }),
    ("ended_at", { $0.endedAt.map(Timestamp.rfc3339) }),
    ("run_seconds", { seconds($0.run) }), ("exit_code", { $0.exitCode.map(String.init) }),
    ("signal", { $0.signal }), ("command", { ShellWord.line($0.command) }), ("cwd", { $0.cwd }),
    ("user", { $0.user }), ("host", { $0.host }),
    ("user_seconds", { seconds($0.usage?.userMicroseconds) }),
    ("system_seconds", { seconds($0.usage?.systemMicroseconds) }),
    ("max_rss_bytes", { $0.usage?.maxRSSBytes.map(String.init) }),
    ("stdout_bytes", { $0.output.map { String($0.totals.stdoutBytes) } }),
    ("stderr_bytes", { $0.output.map { String($0.totals.stderrBytes) } }),
    ("output_lines", { $0.output.map { String($0.totals.lines) } }),
    ("warnings", { String($0.warnings.count) }), ("status", { $0.status }),
  ]

  static var header: String { row(columns.map(\.0)) }

  static func row(_ instance: InstanceDocument) -> String { row(columns.map { $0.1(instance) }) }

  private static func row(_ cells: [String?]) -> String {
    cells.map { $0.map(cell) ?? "" }.joined(separator: ",") + "\r\n"
  }

  private static func seconds(_ microseconds: Int64?) -> String? {
    microseconds.map { "\(Double($0) / 1_000_000)" }
  }

  private static func cell(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\"") && byte >= 0x20
    }
    return isPlain ? text : "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
