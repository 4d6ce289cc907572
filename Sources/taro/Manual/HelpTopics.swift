internal import ArgumentParser
internal import CommandLineKit
internal import Linux
internal import Presentation

/// The topics of `taro help TOPIC` that are no commands, and what a command's help leaves to them.
enum HelpTopics {
  /// The options that mean the same wherever they are taken, by one name of each.
  private static let sharedOptions = [
    "--ledger", "-C", "--def-config", "--min-config", "--set", "--no-pager", "--color",
    "--no-color", "--version", "-h",
  ]

  /// Returns nil where there is no such topic.
  static func text(_ topic: String) -> String? {
    switch topic {
    case "states": return StateMeaning.text
    case "options":
      let columns = Terminal.columns(1) ?? 80
      // A command that takes all of them.
      let help = Taro.helpMessage(for: Hist.self, columns: columns)
      return "Each command takes those of these that it has a use for:\n\n"
        + HelpText.options([help], shared: sharedOptions)
    default: return nil
    }
  }

  static func shortened(_ help: String, columns: Int) -> String {
    HelpText.shortened(help, columns: columns, shared: sharedOptions, topic: "taro help options")
  }
}
