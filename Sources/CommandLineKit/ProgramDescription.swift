package import ArgumentParser

/// A program as its completion and its manual see it, beside what its commands declare.
package struct ProgramDescription: Sendable {
  /// The command that ends with a command of somebody else's, whose words are not this program's.
  package struct Starter: Sendable {
    package let command: String
    /// Its options whose value never is the next word.
    package let optionsWithDefaults: Set<String>

    package init(command: String, optionsWithDefaults: Set<String>) {
      self.command = command
      self.optionsWithDefaults = optionsWithDefaults
    }
  }

  /// As it is typed.
  package let name: String
  package let version: String
  /// The day of the version: the manual's date.
  package let versionDate: String
  package let root: any ParsableCommand.Type
  /// Options that say whom to ask for words: those among them that are typed are given to what finds words.
  package let context: any ParsableArguments.Type
  package let starter: Starter?

  package init(
    _ name: String, version: String, versionDate: String, root: any ParsableCommand.Type,
    context: any ParsableArguments.Type, starter: Starter? = nil
  ) {
    self.name = name
    self.version = version
    self.versionDate = versionDate
    self.root = root
    self.context = context
    self.starter = starter
  }

  /// The whole tree of its commands.
  package var tree: CommandTree { CommandTree(root) }
}
