internal import ArgumentParser

struct Config: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Show, make and check the configuration file.",
    discussion: """
      No file is needed. taro.yaml is looked for in the current directory (if file and directory \
      belong to you or root and nobody else can write them), in $XDG_CONFIG_HOME/taro, in each \
      of $XDG_CONFIG_DIRS/taro and in /etc/taro; the first that is there counts.
      """,
    subcommands: [
      ConfigShow.self, ConfigPath.self, ConfigCreate.self, ConfigReset.self, ConfigCheck.self,
      ListDisabled.self,
    ])
}
