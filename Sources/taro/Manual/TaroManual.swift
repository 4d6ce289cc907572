internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Presentation
internal import Settings

extension Taro {
  /// The facts that completion and manual know of this program.
  static let description = ProgramDescription(
    "taro", version: version, versionDate: versionDate, root: Taro.self,
    context: LedgerOption.self,
    starter: .init(
      command: Exec._commandName,
      optionsWithDefaults: Set(ExecWords.optionsWithDefaults.keys)))

  static var manual: Manual {
    Manual(
      description, .ofTaro,
      configuration: ConfigurationManual(
        file: "taro.yaml", command: "taro-config", keys: Configuration.keys,
        discussion: Config.configuration.discussion,
        more: [
          "A file that cannot be used ends a command with exit code 78; taro exec says so and runs the "
            + "job with the defaults. taro config check finds all mistakes.",
          "log.file.path is path below file below log; written with the points it is accepted as well. "
            + "Durations are 500ms, 90s, 1h30m, 2d, 1w, PT1H or seconds; paths are absolute or begin with ~/.",
        ], example: ("The file that taro config create writes:", Configuration.template)),
      documents: [
        .init(
          "taro-format", section: 5, file: "format.md", abstract: "what a ledger is on disk"),
        .init("taro-json", section: 5, file: "json.md", abstract: "the documents of taro"),
        .init(
          "taro-plugins", section: 7, file: "plugins.md",
          abstract: "programs that are told what happens to runs"),
      ])
  }
}

extension ManualTopics {
  fileprivate static let ofTaro = ManualTopics(
    exitCodes: [
      ExitCode(code: "0", meaning: "Done.", commands: .others),
      ExitCode(
        code: "1", meaning: "It could not be done, or there is no such thing.", commands: .others),
      ExitCode(code: "64", meaning: "Wrong use of an option or argument.", commands: .all),
      ExitCode(
        code: "65", meaning: "The ledger is damaged, or newer than this taro.",
        commands: withLedger),
      ExitCode(code: "71", meaning: "The system refused something.", commands: .all),
      ExitCode(code: "74", meaning: "The disk is full or faulty.", commands: withLedger),
      ExitCode(code: "75", meaning: "Others hold the ledger; try again.", commands: withLedger),
      ExitCode(code: "77", meaning: "The ledger may not be written.", commands: withLedger),
      ExitCode(
        code: "78", meaning: "The configuration or the ledger's directory cannot be used.",
        commands: .all),
    ],
    variables: [
      Entry(.ledger, with: "--ledger"),
      Entry(
        "XDG_DATA_HOME",
        "Where users other than root have the ledger; ~/.local/share without it.", with: "--ledger"),
      Entry(
        "XDG_CONFIG_HOME, XDG_CONFIG_DIRS",
        "Where the configuration is looked for: taro.yaml(5).", with: "--config"),
      Entry(.noColor, with: "--no-color"), Entry(.pager, with: "--no-pager"),
      Entry(.job, with: "--pty"), Entry(.instance, with: "--pty"),
    ],
    files: [
      Entry("/var/lib/taro", "The ledger of root, unless another is named.", with: "--ledger"),
      Entry("~/.local/share/taro", "The ledger of another user.", with: "--ledger"),
      Entry(
        "./taro.yaml, ~/.config/taro/taro.yaml, /etc/xdg/taro/taro.yaml, /etc/taro/taro.yaml",
        "The configuration: the first of these that is there.", with: "--config"),
    ],
    states: InstanceState.allCases.map {
      Entry($0.rawValue, "\(StateMeaning.of($0)) (\($0.group.rawValue))", with: "")
    })

  private static let withLedger = Commands.withOption("--ledger")
}

extension ManualTopics.Entry {
  fileprivate init(_ variable: EnvironmentVariable, with option: String) {
    self.init(variable.name, "\(variable.meaning).", with: option)
  }
}
