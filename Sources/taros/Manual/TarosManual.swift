internal import CommandLineKit
internal import Events
internal import Settings

extension Taros {
  /// The facts that completion and manual know of this program.
  static let description = ProgramDescription(
    "taros", version: version, versionDate: versionDate, root: Taros.self,
    context: ServerOptions.self)

  static var manual: Manual {
    Manual(
      description, .ofTaros,
      configuration: ConfigurationManual(
        file: "taros.yaml", command: "taros-start", keys: ServerConfiguration.keys,
        discussion: "",
        more: [
          "taros needs no configuration. It looks for taros.yaml where taro looks for taro.yaml, by the same rules; "
            + "options come before the file.",
          "A file that cannot be used ends taros with exit code 78 and a line for each mistake. taros --print-config "
            + "shows what is in force. SIGHUP reads the certificate and the tokens again, and not this file.",
          "limits.head is head below limits; written with the point it is accepted as well. Durations are 500ms, "
            + "90s, 1h30m, 2d, 1w, PT1H or seconds; sizes 16K or 1M; paths are absolute or begin with ~/.",
        ],
        example: (
          "A server for others than this host, behind a name of its own:",
          """
          server:
            bind: all:8443
            hosts: jobs.example.org
          tls:
            certificate: /etc/taro/fullchain.pem
            key: /etc/taro/key.pem
          log:
            format: json
          """
        )))
  }
}

extension ManualTopics {
  fileprivate static let ofTaros = ManualTopics(
    exitCodes: [
      ExitCode(code: "0", meaning: "Done; the server was asked to end.", commands: .others),
      ExitCode(
        code: "1", meaning: "There is no such token, or one of that name already.",
        commands: .others),
      ExitCode(code: "64", meaning: "Wrong use of an option or argument.", commands: .all),
      ExitCode(
        code: "71", meaning: "The system refused something: an address that others listen on.",
        commands: .all),
      ExitCode(
        code: "75", meaning: "Another server listens on the socket, or others change the tokens.",
        commands: withLedger),
      ExitCode(
        code: "78",
        meaning:
          "The configuration, the ledger's directory, the certificate or the tokens cannot be used, "
          + "or nothing would protect an address that other hosts can reach.",
        commands: .all),
    ],
    variables: [
      Entry(
        EnvironmentVariable.ledger.name, "\(EnvironmentVariable.ledger.meaning).",
        with: "--ledger"),
      Entry(
        "XDG_DATA_HOME",
        "Where users other than root have the ledger; ~/.local/share without it.", with: "--ledger"),
      Entry(
        "XDG_CONFIG_HOME, XDG_CONFIG_DIRS",
        "Where the configuration is looked for: taros.yaml(5).", with: "--config"),
      Entry(
        "LISTEN_FDS, LISTEN_PID",
        "Sockets that the service manager hands over: systemd.socket(5).", with: "--bind"),
      Entry(
        "NOTIFY_SOCKET, WATCHDOG_USEC",
        "Where the service manager is told that the server is ready, lives and ends: sd_notify(3).",
        with: "--bind"),
    ],
    files: [
      Entry("/var/lib/taro", "The ledger of root, unless another is named.", with: "--ledger"),
      Entry("~/.local/share/taro", "The ledger of another user.", with: "--ledger"),
      Entry(
        "tokens.json",
        "In the ledger's directory: the tokens, as digests, and the sessions of browsers.",
        with: "--ledger"),
      Entry(
        "./taros.yaml, ~/.config/taro/taros.yaml, /etc/xdg/taro/taros.yaml, /etc/taro/taros.yaml",
        "The configuration: the first of these that is there.", with: "--config"),
      Entry(
        "./jobs.yaml, ~/.config/taro/jobs.yaml, /etc/xdg/taro/jobs.yaml, /etc/taro/jobs.yaml",
        "What is known of jobs besides: the first of these that is there.", with: "--bind"),
    ])

  private static let withLedger = Commands.withOption("--ledger")
}
