package import ArgumentParser
internal import Events

/// A command as the parser knows it: its words, options and subcommands.
///
/// Completion and manual are made from this, so that what a command declares is all there is to say. The arguments are
/// read from the parser's own description (`--experimental-dump-help`), which is JSON and 150 KB for all commands: of
/// the commands that nobody asks for it is not made.
package struct CommandTree {
  private let type: any ParsableCommand.Type

  package init(_ type: any ParsableCommand.Type) { self.type = type }

  /// The names that options of a group have.
  package static func optionNames(of group: any ParsableArguments.Type) -> Set<String> {
    Set(arguments(of: group).flatMap(\.names))
  }

  private static func arguments(of type: any ParsableArguments.Type) -> [Argument] {
    let description = try? JSON(parsing: type._dumpHelp())["command"]
    return (description?["arguments"]?.array ?? [])
      .filter { $0["shouldDisplay"]?.bool != false }.map(Argument.init)
  }

  package var name: String { type._commandName }
  package var aliases: [String] { type.configuration.aliases }
  package var abstract: String { type.configuration.abstract }
  /// The command's own usage line, where it says more than its arguments do.
  package var usage: String? { type.configuration.usage }
  package var discussion: String { type.configuration.discussion }
  package var arguments: [Argument] { Self.arguments(of: type) }

  package var subcommands: [CommandTree] {
    type.configuration.subcommands.filter { $0.configuration.shouldDisplay }
      .map { CommandTree($0) }
  }

  /// The one that is meant where none is named.
  package var defaultSubcommand: CommandTree? {
    type.configuration.defaultSubcommand.map { CommandTree($0) }
  }

  package func subcommand(_ name: String) -> CommandTree? {
    subcommands.first { $0.name == name || $0.aliases.contains(name) }
  }

  /// Follows the names as far as they are commands.
  package func descendant(_ names: some Sequence<String>) -> CommandTree {
    names.reduce(self) { $0.subcommand($1) ?? $0 }
  }

  /// An option, a flag or a positional argument.
  package struct Argument {
    package enum Kind: String { case positional, option, flag }

    /// The kinds of things that a value is completed to.
    package enum Values {
      case none
      case words([String])
      case files
      case directories
      /// The program finds the values out when it is asked.
      case found
    }

    package let kind: Kind
    /// With their dashes, as they are declared.
    package let names: [String]
    package let valueName: String
    package let abstract: String
    package let defaultValue: String?
    package let section: String?
    package let isOptional: Bool
    package let isRepeating: Bool
    /// Its values are all words up to the next option.
    package let takesWordsUpToNextOption: Bool
    package let values: Values

    fileprivate init(_ json: JSON) {
      kind = json["kind"]?.string.flatMap(Kind.init) ?? .flag
      names = (json["names"]?.array ?? []).compactMap { name in
        name["name"]?.string.map { (name["kind"]?.string == "long" ? "--" : "-") + $0 }
      }
      valueName = json["valueName"]?.string ?? ""
      abstract = json["abstract"]?.string ?? ""
      defaultValue = json["defaultValue"]?.string
      section = json["sectionTitle"]?.string
      isOptional = json["isOptional"]?.bool ?? false
      isRepeating = json["isRepeating"]?.bool ?? false
      takesWordsUpToNextOption = json["parsingStrategy"]?.string == "upToNextOption"
      values = Self.values(json["completionKind"] ?? .null)
    }

    private static func values(_ json: JSON) -> Values {
      if let words = json["list"]?["values"]?.array {
        return .words(words.compactMap(\.string))
      }
      if json["file"] != nil { return .files }
      if json["directory"] != nil { return .directories }
      return json["custom"] != nil ? .found : .none
    }
  }
}
