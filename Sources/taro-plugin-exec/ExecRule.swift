internal import Events
internal import PluginSupport

/// A rule of taro.yaml: the events, and the command to run for them.
struct ExecRule {
  private var selection: Selection
  private let command: [String]

  init(_ settings: PluginConfiguration) throws(PluginError) {
    try settings.refuseKeys(besides: Selection.keys + ["run"])
    guard let command = try settings.command("run") else {
      throw .settings("a rule has no run: say which command, as a list [program, argument]")
    }
    selection = try settings.selection(default: [])
    guard !selection.isEmpty else {
      throw .settings("the rule for \(command[0]) would never run it: say states or warnings")
    }
    self.command = command
  }

  /// All rules of the settings.
  static func all(_ settings: PluginConfiguration) throws(PluginError) -> [ExecRule] {
    try settings.refuseKeys(besides: ["rules"])
    guard let sections = try settings.sections("rules"), !sections.isEmpty else {
      throw .settings("there are no rules: say rules: [{states: [failure], run: [program]}]")
    }
    var rules: [ExecRule] = []
    for section in sections { rules.append(try ExecRule(section)) }
    return rules
  }

  /// The command for this event, nil when it is none of this rule's.
  mutating func command(for event: PluginEvent) -> PluginCommand? {
    guard selection.takes(event) else { return nil }
    var command = PluginCommand(self.command)
    command.variables = EventVariables.all(event)
    return command
  }
}

/// An event as variables of an environment; those that do not apply are empty, whatever taro itself was started with.
enum EventVariables {
  /// Linux takes no variable of 128 KiB and more (execve(2), MAX_ARG_STRLEN).
  static let limit = 100_000

  static func all(_ event: PluginEvent) -> [String] {
    let isWarning = event.kind == .warning
    let ending = Ending(event.data)
    let warning = Warning(event.data)
    let state = event.kind.state?.rawValue
    let values: [(EnvironmentVariable, String?)] = [
      // The whole event is on stdin, too, however large it is.
      (.event, event.text.utf8.count <= limit ? event.text : nil), (.job, event.job),
      (.instance, event.instance.text), (.state, state), (.reason, ending.reason),
      (.exitCode, ending.exitCode.map { "\($0)" }), (.signal, ending.signal),
      (.warning, isWarning ? warning.kind.rawValue : nil),
      (.warningText, isWarning ? warning.text : nil),
    ]
    return values.map { $0.assigned(clean($1 ?? "")) }
  }

  /// C ends a variable at its first NUL.
  private static func clean(_ text: String) -> String {
    let text = text.utf8.count <= limit ? text : String(text.prefix(limit / 4))
    return text.replacing("\0", with: "\u{fffd}")
  }
}
