internal import ArgumentParser

struct Config: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Show, make and check the configuration file.",
    discussion: """
      No file is needed. taro.yaml is looked for in the current directory, in \
      $XDG_CONFIG_HOME/taro, in each of $XDG_CONFIG_DIRS/taro and in /etc/taro; the first counts \
      that only you or root can have put there: others are named and passed over.
      """,
    subcommands: [
      ConfigShow.self, ConfigPath.self, ConfigCreate.self, ConfigReset.self, ConfigCheck.self,
      ListDisabled.self,
    ])
}
