package import Documents
internal import Events
internal import Linux

/// A change as people read it. What jobs have made is made printable.
package enum ChangeText {
  /// `Job backup failed: exit code 3 on vm`, on one line.
  package static func subject(_ change: ChangeDocument) -> String {
    "Job \(short(change.job)) \(happening(change)) on \(short(change.host))"
  }

  /// `failed: exit code 3`.
  private static func happening(_ change: ChangeDocument) -> String {
    let cause = cause(change).map { ": \($0)" } ?? ""
    switch change.change {
    case .failed:
      return change.count > 1 ? "failed \(change.count) times in a row\(cause)" : "failed\(cause)"
    case .lost: return "was lost\(cause)"
    case .missed:
      return change.count > 1
        ? "has not run \(change.count) times when it was due" : "has not run when it was due"
    case .late: return "began late"
    case .overlong: return "goes on for too long"
    case .overlapping: return "began while another run went on"
    case .silent: return "is silent"
    case .stillFailing where change.instance == nil:
      return "still has not run, due \(change.count) times"
    case .stillFailing: return "still fails, \(times(change.count)) in a row\(cause)"
    case .failingAgain: return "is not well again\(cause)"
    case .recovered: return "is well again"
    }
  }

  private static func times(_ count: Int64) -> String { count == 1 ? "once" : "\(count) times" }

  /// A job's code tells more than the sentence about it where the job failed by itself.
  private static func cause(_ change: ChangeDocument) -> String? {
    let code = change.exitCode.map { "exit code \($0)" } ?? change.signal.map { "SIG\($0)" }
    let reason = change.reason.map(short)
    return change.state == .failed ? code ?? reason : reason ?? code
  }

  /// The whole of it, lines that end with a line feed.
  package static func body(_ change: ChangeDocument) -> String {
    var text = "Job \(line(change.job)) \(happening(change)).\n\n"
    for (name, value) in facts(change) {
      text += name + String(repeating: " ", count: max(1, 11 - name.count)) + line(value) + "\n"
    }
    if !change.difference.isEmpty {
      text += "\nNot as in the last good run:\n\n" + block(change.difference)
    }
    if change.instance != nil {
      text += change.output.isEmpty ? "\nIt has printed nothing.\n" : "\nIts last lines:\n\n"
      text += change.output.isEmpty ? "" : block(change.output)
    }
    guard change.isRecorded else { return text + "\nThis run could not be recorded.\n" }
    text += "\nTo look further:\n\n"
    for command in commands(change) { text += "  \(command)\n" }
    return text
  }

  /// The lines as they are: whoever sends them says how.
  private static func block(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }

  /// The facts that are known of it, as names and values.
  package static func facts(_ change: ChangeDocument) -> [(String, String)] {
    let instance = change.instance.map { "\(change.job)@\($0)" }
    let good = change.lastGood.map { "\(change.job)@\($0.instance), \(local($0.at))" }
    let hasGrace = change.change == .missed || change.change == .late
    let facts: [(String, String?)] = [
      (change.change == .recovered ? "bad since" : "since", local(change.since)),
      ("last good", good ?? "never"),
      ("in a row", change.count > 1 ? "\(change.count)" : nil),
      ("due", change.due.map(local)),
      (hasGrace ? "grace" : "limit", change.limit.map(DurationText.exact)),
      ("instance", instance), ("state", change.state?.rawValue),
      ("reason", change.reason),
      ("command", change.command.isEmpty ? nil : ShellWord.line(change.command)),
      ("directory", change.directory.isEmpty ? nil : change.directory),
      ("user", change.user.isEmpty ? nil : "\(change.user) on \(change.host)"),
      ("started", change.startedAt.map(local)), ("ended", change.endedAt.map(local)),
      ("ran", change.run.map { DurationText.exact($0 / 1000 * 1000) }),
    ]
    return facts.compactMap { name, value in value.map { (name, $0) } }
  }

  /// The commands by which one looks further.
  package static func commands(_ change: ChangeDocument) -> [String] {
    let option = " --ledger \(ShellWord.quoted(change.ledger))"
    let job = ShellWord.quoted(change.job)
    var commands: [String] = []
    if let instance = change.instance {
      commands = ["taro why \(instance)\(option)", "taro output \(instance)\(option)"]
      if !change.difference.isEmpty { commands.append("taro diff \(instance)\(option)") }
    }
    return commands + ["taro hist \(job)\(option)"]
  }

  /// As the host's clocks show it, with the zone.
  private static func local(_ at: WallTime) -> String { CivilMoment(local: at).textWithOffset }

  private static func short(_ text: String) -> String {
    text.count <= 100 ? line(text) : line(String(text.prefix(100))) + "..."
  }

  private static func line(_ text: String) -> String { EscapedText.of(text) }
}
