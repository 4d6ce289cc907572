internal import ArgumentParser
internal import Settings

/// A word that stands where the name of a command should, and is none.
struct UnknownCommand {
  /// Says what is wrong, and which one was meant.
  let message: String

  /// Fails where all the words up to the first option are commands.
  /// - Parameter others: what such commands are called elsewhere, and what does it here.
  init?(_ words: [String], of root: any ParsableCommand.Type, others: [String: String]) {
    var command = root
    var path = root._commandName
    for word in words.first == "help" ? words.dropFirst() : words[...] {
      let commands = command.configuration.subcommands
      guard !word.hasPrefix("-"), !commands.isEmpty, command.configuration.defaultSubcommand == nil
      else { return nil }
      if let next = commands.first(where: { Self.names(of: $0).contains(word) }) {
        command = next
        path += " " + next._commandName
        continue
      }
      let here = path == root._commandName ? others[word] : nil
      let near = EditDistance.nearest(to: word, among: commands.flatMap(Self.names))
      let remedy =
        here ?? near.map { "did you mean \(path) \($0)?" } ?? "\(path) --help lists them"
      let name = (path.split(separator: " ").dropFirst().map(String.init) + [word])
        .joined(separator: " ")
      message = "there is no command \(SettingError.quoted(name)); \(remedy)"
      return
    }
    return nil
  }

  private static func names(of command: any ParsableCommand.Type) -> [String] {
    [command._commandName] + command.configuration.aliases
  }

  /// The command that the words name, as it is typed: `taro ledger verify`.
  static func path(_ words: [String], of root: any ParsableCommand.Type) -> String {
    var command = root
    var path = root._commandName
    for word in words {
      guard
        let next = command.configuration.subcommands.first(where: { names(of: $0).contains(word) })
      else { break }
      command = next
      path += " " + next._commandName
    }
    return path
  }
}
