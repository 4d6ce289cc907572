internal import ArgumentParser

/// The program: its subcommands, one file each.
struct Taroc: ParsableCommand {
  static let version = "0.1.0"
  /// The day of the version: the manual's date.
  static let versionDate = "2026-11-29"

  static let configuration = CommandConfiguration(
    commandName: "taroc",
    abstract: "Asks taro on many hosts at once.",
    discussion: """
      Through the system's ssh, or a host's taros. The far side needs nothing but taro.

        taroc ps -H web1 -H web2     what is running there
        taroc hist -n 20             what has run, the newest of all hosts
        taroc hosts --check          who answers

      Hosts and groups are in hosts.yaml: ~/.config/taroc/hosts.yaml, or where taro.yaml is looked for. Without -H and -g \
      all of them are asked.

      0 all hosts have answered, 1 some, 2 none.

      taroc --generate-completion-script SHELL prints what bash, zsh or fish completes commands with; \
      taroc --generate-manual DIR writes the pages of the manual to DIR/man1 and DIR/man5.
      """,
    version: "taroc \(version)",
    subcommands: [
      Ps.self, Hist.self, Tail.self, Output.self, Listen.self, Wait.self, Stop.self,
      SignalCommand.self, Pause.self, Resume.self, Release.self, Disable.self, Enable.self,
      ListDisabled.self, Show.self, Stats.self, Why.self, HostInfo.self, Exec.self, Rerun.self,
      Grep.self, Hosts.self, Install.self,
    ])
}
