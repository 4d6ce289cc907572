/// Sections of a program's manual about things that several commands have in common.
package struct ManualTopics: Sendable {
  /// A variable or a file, told of where a command takes the option that it is about, and of the program.
  package struct Entry: Sendable {
    package let name: String
    package let meaning: String
    /// `--ledger`.
    package let option: String

    package init(_ name: String, _ meaning: String, with option: String) {
      self.name = name
      self.meaning = meaning
      self.option = option
    }
  }

  /// The commands that may end with a code.
  package enum Commands: Sendable {
    /// Those that do not tell their codes themselves.
    case others
    case all
    /// Those that have this option.
    case withOption(String)
  }

  package struct ExitCode: Sendable {
    package let code: String
    package let meaning: String
    package let commands: Commands

    package init(code: String, meaning: String, commands: Commands) {
      self.code = code
      self.meaning = meaning
      self.commands = commands
    }
  }

  package let exitCodes: [ExitCode]
  package let variables: [Entry]
  package let files: [Entry]
  /// The states of an instance, told on the program's page alone.
  package let states: [Entry]

  package init(
    exitCodes: [ExitCode], variables: [Entry], files: [Entry], states: [Entry] = []
  ) {
    self.states = states
    self.exitCodes = exitCodes
    self.variables = variables
    self.files = files
  }
}
