internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Runner
internal import Settings

/// Options on how the command is started. Texts, and no types of their own: the parser's start takes longer with each.
struct LaunchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Start it in that directory, as `cd` before it would: a relative command is one below it.",
      valueName: "dir"),
    completion: .directory)
  var cwd: String?

  @Option(
    help: ArgumentHelp(
      "Set a variable of its environment; may be repeated, the last of one name counts. The value is not recorded.",
      valueName: "name=value"))
  var env: [String] = []

  @Option(
    name: .customLong("record-env"),
    help: ArgumentHelp(
      """
      Record its environment, secrets and all; --record-env=NAME,NAME only these variables. Needs the \
      equals sign.
      """, valueName: "names"))
  var recordedNames: String?

  @Option(help: ArgumentHelp("Its umask, octal.", valueName: "mask"))
  var umask: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Its niceness, -20 to 19. Below taro's own only for root.", valueName: "n"))
  var nice: String?

  @Flag(
    name: .customLong("quiet-on-success"),
    help:
      "Print what it prints at its end, and only if it did not complete. It is recorded as ever.")
  var isQuietOnSuccess = false

  @Flag(
    name: .customLong("pty"),
    help: """
      Give it a terminal of its own, as ssh -t does: it prints on one stream, and its keys are taro's stdin.
      """)
  var hasOwnTerminal = false

  @Flag(
    name: .customLong("detach"),
    help: """
      Run in the background, in a session of its own and without the caller's stdin, stdout and stderr. Prints \
      JOB@INSTANCE once that is on record.
      """)
  var isDetached = false

  @Option(
    name: .customLong("dry-run"),
    help: ArgumentHelp(
      "Run nothing, and end in COMPLETED; --dry-run=failed in another state. Needs the equals sign.",
      valueName: "state"),
    completion: .endStates)
  var dryRun: String?

  func validate() throws {
    if let dryRun, Self.endState(dryRun) == nil {
      let states = InstanceState.allCases.filter(\.isTerminal).map(\.rawValue).joined(
        separator: ", ")
      throw ValidationError("--dry-run=\(dryRun): a run can end in \(states).")
    }
    if let cwd, cwd.isEmpty { throw ValidationError("--cwd is empty: name a directory.") }
    for variable in env
    where (variable.firstIndex(of: "=") ?? variable.startIndex) == variable.startIndex {
      throw ValidationError("--env \(variable): a variable is given as NAME=value.")
    }
    for own in [EnvironmentVariable.job, .instance].map(\.name)
    where env.contains(where: { $0.hasPrefix("\(own)=") }) {
      throw ValidationError("--env \(own): taro sets this one itself; a run is found by it.")
    }
    if let recordedNames, recordedNames.split(separator: ",").isEmpty {
      throw ValidationError(
        "--record-env= names no variable; without the equals sign it records all.")
    }
    if let umask, Self.mask(umask) == nil {
      throw ValidationError(
        "--umask \(umask): a umask is an octal number from 0 to 777, such as 027.")
    }
    if let nice, Self.niceness(nice) == nil {
      throw ValidationError("--nice \(nice): a niceness is a number from -20 to 19.")
    }
  }

  /// The settings; those that are bytes are taken from the words of this process: Swift's strings repair what is not
  /// UTF-8.
  var settings: LaunchSettings {
    var settings = LaunchSettings()
    settings.directory = cwd == nil ? nil : ExecWords.values(of: "--cwd").last
    settings.variables = env.isEmpty ? [] : Self.lastOfEachName(ExecWords.values(of: "--env"))
    settings.umask = umask.flatMap(Self.mask)
    settings.niceness = nice.flatMap(Self.niceness)
    settings.recordedVariables =
      switch recordedNames {
      case nil: .none
      case ExecWords.allVariables: .all
      case let names?: .named(names.split(separator: ",").map(String.init))
      }
    settings.hasOwnTerminal = hasOwnTerminal
    settings.isQuietOnSuccess = isQuietOnSuccess
    settings.dryRun = dryRun.flatMap(Self.endState)
    return settings
  }

  private static func endState(_ name: String) -> InstanceState? {
    InstanceState(name: name).flatMap { $0.isTerminal ? $0 : nil }
  }

  private static func lastOfEachName(_ variables: [[UInt8]]) -> [[UInt8]] {
    let equals = UInt8(ascii: "=")
    var kept: [[UInt8]] = []
    for variable in variables {
      let name = variable.prefix { $0 != equals } + [equals]
      kept.removeAll { $0.starts(with: name) }
      kept.append(variable)
    }
    return kept
  }

  private static func mask(_ text: String) -> UInt32? {
    guard text.utf8.first != UInt8(ascii: "+"), let mask = UInt32(text, radix: 8), mask <= 0o777
    else {
      return nil
    }
    return mask
  }

  private static func niceness(_ text: String) -> Int32? {
    guard let niceness = Int32(text), (-20...19).contains(niceness) else { return nil }
    return niceness
  }
}
