/// What pages of the manual say about things that several commands have in common.
enum ManualTopics {
  typealias Entries = [(name: String, meaning: String)]

  /// Which commands may end with a code.
  enum Commands {
    /// Those that do not tell their codes themselves.
    case others
    case all
    /// Those that read a ledger.
    case withLedger
  }

  struct ExitCode {
    let code: String
    let meaning: String
    let commands: Commands
  }

  static let exitCodes = [
    ExitCode(code: "0", meaning: "Done.", commands: .others),
    ExitCode(
      code: "1", meaning: "It could not be done, or there is no such thing.", commands: .others),
    ExitCode(code: "64", meaning: "Wrong use of an option or argument.", commands: .all),
    ExitCode(
      code: "65", meaning: "The ledger is damaged, or newer than this taro.", commands: .withLedger),
    ExitCode(code: "71", meaning: "The system refused something.", commands: .all),
    ExitCode(code: "74", meaning: "The disk is full or faulty.", commands: .withLedger),
    ExitCode(code: "75", meaning: "Others hold the ledger; try again.", commands: .withLedger),
    ExitCode(code: "77", meaning: "The ledger may not be written.", commands: .withLedger),
    ExitCode(
      code: "78", meaning: "The configuration or the ledger's directory cannot be used.",
      commands: .all),
  ]

  static let ledgerVariables: Entries = [
    ("TARO_LEDGER", "The directory of the ledger, unless --ledger names one."),
    ("XDG_DATA_HOME", "Where users other than root have the ledger; ~/.local/share without it."),
  ]

  static let configurationVariables: Entries = [
    ("XDG_CONFIG_HOME, XDG_CONFIG_DIRS", "Where the configuration is looked for: taro.yaml(5).")
  ]

  static let colorVariables: Entries = [
    ("NO_COLOR, TARO_NO_COLOR", "Set to anything: no colours.")
  ]

  static let pagerVariables: Entries = [
    ("TARO_PAGER, PAGER", "What long output is shown with on a terminal; empty or cat: nothing.")
  ]

  static let jobVariables: Entries = [
    ("TARO_JOB, TARO_INSTANCE", "Set for the job: what it runs as.")
  ]

  static let ledgerFiles: Entries = [
    ("/var/lib/taro", "The ledger of root, unless another is named."),
    ("~/.local/share/taro", "The ledger of another user."),
  ]

  static let configurationFiles: Entries = [
    (
      "./taro.yaml, ~/.config/taro/taro.yaml, /etc/xdg/taro/taro.yaml, /etc/taro/taro.yaml",
      "The configuration: the first of these that is there."
    )
  ]
}
