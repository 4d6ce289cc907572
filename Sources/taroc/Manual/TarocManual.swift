internal import CommandLineKit
internal import Settings

extension Taroc {
  /// The facts that completion and manual know of this program.
  static let description = ProgramDescription(
    "taroc", version: version, versionDate: versionDate, root: Taroc.self,
    context: FleetOptions.self)

  static var manual: Manual {
    Manual(
      description, .ofTaroc,
      configuration: ConfigurationManual(
        file: "hosts.yaml", command: "taroc-hosts", keys: keys,
        discussion: "",
        more: [
          "The file is looked for where taro looks for taro.yaml, by the same rules, in the folders taroc and taro of "
            + "each directory; -C names another. The file ssh.hosts of the original client is read too: INI, a host a line "
            + "below its group in brackets; hosts of [all] are in every group.",
          "A host's name has letters, digits, points, dashes and underscores; a group may name hosts that are not below "
            + "hosts, as [user@]host[:port]. A file that cannot be used ends a command with exit code 78 and a line for "
            + "each mistake.",
        ],
        example: (
          "Three hosts, one of them asked over HTTP:",
          """
          defaults: {user: ops, parallel: 64}
          hosts:
            web1: {address: 10.0.0.1, labels: {dc: ams}}
            web2: {address: 10.0.0.2, port: 2222, taro: /opt/taro/bin/taro}
            edge: {url: "https://edge.example:8000", token_file: ~/.config/taroc/edge.token}
          groups:
            web: [web1, web2]
          """
        )))
  }

  private static let keys = [
    key("defaults.user", "The user of hosts that name none", "a user's name"),
    key("defaults.port", "The port of hosts that name none", "1 to 65535"),
    key("defaults.taro", "The program on hosts that name none", "a path or a name", "taro"),
    key("defaults.ledger", "The ledger on hosts that name none", "a path on that host"),
    key("defaults.parallel", "How many hosts are asked at once", "1 to 1024", "64"),
    key("hosts.NAME.address", "Where ssh finds it", "[user@]host[:port]", "NAME"),
    key("hosts.NAME.user", "Who to be there", "a user's name"),
    key("hosts.NAME.port", "The port of sshd there", "1 to 65535"),
    key("hosts.NAME.taro", "The program there", "a path or a name"),
    key("hosts.NAME.ledger", "The ledger there", "a path on that host"),
    key("hosts.NAME.labels", "What else is known of it", "a mapping of words"),
    key("hosts.NAME.url", "The server to ask in place of ssh", "https:// or http://, host, port"),
    key(
      "hosts.NAME.token_file", "The file with the server's token",
      "a path, absolute, below ~/ or beside the file"),
    key(
      "hosts.NAME.ca", "Certificates that are trusted in place of the system's",
      "a PEM file"),
    key("groups.NAME", "The hosts of a group", "a list of names"),
  ]

  private static func key(
    _ path: String, _ meaning: String, _ accepted: String, _ byDefault: String = ""
  ) -> Configuration.KeyDescription {
    Configuration.KeyDescription(
      path: path, meaning: meaning, accepted: accepted, byDefault: byDefault)
  }
}

extension ManualTopics {
  fileprivate static let ofTaroc = ManualTopics(
    exitCodes: [
      ExitCode(code: "0", meaning: "All hosts have answered.", commands: .others),
      ExitCode(
        code: "1", meaning: "Some have; stderr has a line for each that has not.", commands: .others
      ),
      ExitCode(code: "2", meaning: "None has.", commands: .others),
      ExitCode(
        code: "64",
        meaning: "Wrong use of an option or argument, or no host is named and none configured.",
        commands: .all),
      ExitCode(code: "71", meaning: "The system refused something.", commands: .all),
      ExitCode(code: "78", meaning: "The file of hosts cannot be used.", commands: .all),
    ],
    variables: [
      Entry(
        "XDG_CONFIG_HOME, XDG_CONFIG_DIRS",
        "Where the file of hosts is looked for: hosts.yaml(5).", with: "--host"),
      Entry(
        "XDG_RUNTIME_DIR",
        "Below it are the sockets of connections that are shared; ~/.cache without it.",
        with: "--no-share"),
      Entry(
        "PATH", "Where ssh is found, and curl for hosts with a url.", with: "--host"),
    ],
    files: [
      Entry(
        "./hosts.yaml, ~/.config/taroc/hosts.yaml, ~/.config/taro/hosts.yaml, /etc/xdg/taroc/hosts.yaml, "
          + "/etc/taroc/hosts.yaml, /etc/taro/hosts.yaml",
        "The hosts: the first of these that is there.", with: "--host"),
      Entry("~/.ssh/config", "Honoured, for ssh makes the connections.", with: "--host"),
    ])
}
