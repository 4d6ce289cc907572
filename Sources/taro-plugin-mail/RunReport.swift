internal import Events
internal import Linux
internal import PluginSupport

/// A run, as its events tell it, and the mail about it.
struct RunReport {
  private var created = Created()
  private var createdAt: WallTime?
  private var start: (at: WallTime, mono: BootTime)?

  mutating func take(_ event: PluginEvent) {
    switch event.kind {
    case .state(.created):
      created = Created(event.data)
      createdAt = event.at
    case .state(.running): start = (event.at, event.mono)
    default: break
    }
  }

  /// The subject of a mail about this event: `Job backup failed: exit code 3 on vm`.
  func subject(_ event: PluginEvent) -> String {
    "Job \(Self.short(event.job)) \(Self.happening(event)) on \(created.host)"
  }

  /// - Parameters:
  ///   - output: the last lines; nil when they cannot be known, and why is in `trouble`.
  ///   - ledger: where taro finds the run.
  func body(_ event: PluginEvent, output: String?, trouble: String, ledger: String) -> String {
    var text = "Job \(Self.line(event.job)) \(Self.happening(event)).\n\n"
    for (name, value) in facts(event) where !value.isEmpty {
      text +=
        name + String(repeating: " ", count: max(1, 11 - name.count)) + Self.line(value) + "\n"
    }
    text += "\n"
    switch output {
    case .some(""): text += "It has printed nothing.\n"
    case .some(let lines): text += "Its last lines:\n\n" + lines
    case nil: text += trouble + "\n"
    }
    guard event.isRecorded else { return text + "\nThis run could not be recorded.\n" }
    let option = " --ledger \(ShellWord.quoted(ledger))"
    return text
      + """

      To look further:

        taro show \(event.instance)\(option)
        taro output \(event.instance)\(option)
        taro hist \(ShellWord.quoted(event.job))\(option)

      """
  }

  private func facts(_ event: PluginEvent) -> [(String, String)] {
    let state = event.kind.state
    let ending = Ending(event.data)
    let ran = start.map { DurationText.exact(max(0, event.mono - $0.mono) / 1000 * 1000) }
    return [
      ("instance", "\(event.job)@\(event.instance)"), ("state", state?.rawValue ?? ""),
      ("reason", ending.reason ?? ""),
      ("warning", state == nil ? Warning(event.data).last ?? "" : ""),
      ("command", ShellWord.line(created.command)),
      ("directory", created.cwd), ("user", "\(created.user) on \(created.host)"),
      ("created", Self.local(createdAt)), ("started", Self.local(start?.at)),
      (state?.isTerminal == true ? "ended" : "at", Self.local(event.at)), ("ran", ran ?? ""),
    ]
  }

  /// `failed: exit code 3`.
  private static func happening(_ event: PluginEvent) -> String {
    guard let state = event.kind.state else {
      let warning = Warning(event.data)
      return "has a warning: \(warning.kind.rawValue) \(short(warning.text))"
    }
    let word = state.rawValue.lowercased().replacing("_", with: " ")
    let ending = Ending(event.data)
    let code = ending.exitCode.map { "exit code \($0)" } ?? ending.signal.map { "SIG\($0)" }
    let reason = ending.reason.map(short)
    // A job's code tells more than the sentence about it where the job failed by itself.
    let cause = state == .failed ? code ?? reason : reason
    return word + (cause.map { ": \($0)" } ?? "")
  }

  /// As the host's clocks show it, with the zone.
  private static func local(_ at: WallTime?) -> String {
    at.map { CivilMoment(local: $0).textWithOffset } ?? ""
  }

  private static func short(_ text: String) -> String {
    text.count <= 100 ? line(text) : line(String(text.prefix(100))) + "..."
  }

  private static func line(_ text: String) -> String { EscapedText.of(text) }
}
