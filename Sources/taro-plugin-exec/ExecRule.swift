internal import Documents
internal import Events
internal import PluginSupport

/// A rule of taro.yaml: the events, and the command to run for them.
struct ExecRule {
  private var selection: Selection
  private let changes: ChangeSelection
  private let command: [String]
  /// The name under which the ledger knows what it has told.
  private let name: String

  /// - Parameter number: its place among the rules, from 1.
  init(_ settings: PluginConfiguration, number: Int) throws(PluginError) {
    try settings.refuseKeys(besides: Selection.keys + ["changes", "name", "run"])
    guard let command = try settings.command("run") else {
      throw .settings("a rule has no run: say which command, as a list [program, argument]")
    }
    selection = try settings.selection(default: [])
    changes = try settings.changes(default: [])
    guard !selection.isEmpty || !changes.isEmpty else {
      throw .settings(
        "the rule for \(command[0]) would never run it: say states or warnings, or changes")
    }
    name = "exec/\(try settings.word("name") ?? "\(number)")"
    self.command = command
  }

  /// Runs the command for changes, with the document of each on its stdin.
  var channel: ChangeChannel {
    let command = command
    return ChangeChannel(name, changes, lines: 50) { change in
      var run = PluginCommand(command)
      run.variables = EventVariables.all(change)
      try run.run(input: Array("\(change.json.text)\n".utf8))
    }
  }

  /// All rules of the settings.
  static func all(_ settings: PluginConfiguration) throws(PluginError) -> [ExecRule] {
    try settings.refuseKeys(besides: ["rules"])
    guard let sections = try settings.sections("rules"), !sections.isEmpty else {
      throw .settings("there are no rules: say rules: [{states: [failure], run: [program]}]")
    }
    var rules: [ExecRule] = []
    for section in sections { rules.append(try ExecRule(section, number: rules.count + 1)) }
    for (index, rule) in rules.enumerated()
    where rules[..<index].contains(where: { $0.name == rule.name }) {
      throw .settings("rules[\(index + 1)].name: another rule has that name")
    }
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
    let code =
      event.kind.state?.group == .failure ? ending.exitCode.map { "exit code \($0)" } : nil
    let values: [(EnvironmentVariable, String?)] = [
      // The whole event is on stdin, too, however large it is.
      (.event, event.text.utf8.count <= limit ? event.text : nil), (.job, event.job),
      (.instance, event.instance.text), (.state, state), (.reason, ending.reason ?? code),
      (.exitCode, ending.exitCode.map { "\($0)" }), (.signal, ending.signal),
      (.warning, isWarning ? warning.kind.rawValue : nil),
      (.warningText, isWarning ? warning.text : nil),
      (.change, nil), (.changeID, nil), (.changeThread, nil), (.changeText, nil),
    ]
    return values.map { $0.assigned(clean($1 ?? "")) }
  }

  static func all(_ change: ChangeDocument) -> [String] {
    let text = change.json.text
    let code =
      change.change == .recovered ? nil : change.exitCode.map { "exit code \($0)" }
    let values: [(EnvironmentVariable, String?)] = [
      (.event, text.utf8.count <= limit ? text : nil), (.job, change.job),
      (.instance, change.instance?.text), (.state, change.state?.rawValue),
      (.reason, change.reason ?? code), (.exitCode, change.exitCode.map { "\($0)" }),
      (.signal, change.signal), (.warning, nil), (.warningText, nil),
      (.change, change.change.rawValue), (.changeID, change.id), (.changeThread, change.thread),
      (.changeText, ChangeText.subject(change)),
    ]
    return values.map { $0.assigned(clean($1 ?? "")) }
  }

  /// C ends a variable at its first NUL.
  private static func clean(_ text: String) -> String {
    let text = text.utf8.count <= limit ? text : String(text.prefix(limit / 4))
    return text.replacing("\0", with: "\u{fffd}")
  }
}
