package import ArgumentParser
internal import Events
internal import Linux
package import Presentation

/// Colours: an option of every command that prints for people.
package struct ColorOption: ParsableArguments {
  @Option(
    name: .customLong("color"),
    help: ArgumentHelp(
      "auto (on a terminal), always (for less -R, watch --color) or never.", valueName: "when"))
  package var wish: Palette.Wish?

  @Flag(
    name: .customLong("no-color"),
    help: """
      No colours. NO_COLOR and \(EnvironmentVariable.noColor.name) in the environment do the same.
      """)
  package var isOff = false

  package init() {}

  /// For this process's stdout.
  package var palette: Palette {
    Palette.choose(
      isTerminal: Terminal.isTerminal(1), noColorOption: isOff, wish: wish ?? .auto,
      environment: ProcessEnvironment.value)
  }
}

extension Palette.Wish: ExpressibleByArgument {}
