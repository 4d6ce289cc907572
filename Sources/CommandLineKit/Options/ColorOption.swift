internal import ArgumentParser
internal import Events
internal import Linux
package import Presentation

/// Colours: an option of every command that prints for people.
package struct ColorOption: ParsableArguments {
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
      isTerminal: Terminal.isTerminal(1), noColorOption: isOff,
      environment: ProcessEnvironment.value)
  }
}
