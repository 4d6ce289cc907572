package import ArgumentParser
internal import Glibc
internal import Linux
internal import Presentation
internal import Settings

/// The parser's word on a command line: help and versions on stdout, what is wrong with it in a line on stderr.
package enum ParserReport {
  /// Writes it. What was typed is shown, but not acted on by the terminal.
  /// - Parameters:
  ///   - words: what was typed behind the program's name.
  ///   - others: what commands are called in other programs, and what does it in this one.
  ///   - optionalValues: options whose value stands behind an equals sign, or is left out.
  ///   - shortened: a help, for so many columns, without what all have.
  /// - Returns: the code that the program is to end with.
  package static func write<Root: ParsableCommand>(
    _ error: any Error, of root: Root.Type, words: [String], others: [String: String] = [:],
    optionalValues: Set<String> = [],
    shortened: (String, Int) -> String = { text, _ in text }
  ) -> ExitCode {
    let code = root.exitCode(for: error)
    if code != .success || words.first == "help",
      let unknown = UnknownCommand(words, of: root, others: others)
    {
      StandardError.say(unknown.message)
      return ExitCode(EX_USAGE)
    }
    guard code != .success else {
      let output = StandardOutput()
      let text = root.fullMessage(for: error)
      let columns = Terminal.columns(1) ?? 80
      let wrapped = HelpText.wrapped(text, columns: columns, optionalValues: optionalValues)
      let help = shortened(wrapped, columns) + "\n"
      output.write(PrintableText(verbatim: help))
      output.flush()
      return code
    }
    StandardError.say(line(root.message(for: error), UnknownCommand.path(words, of: root)))
    return code
  }

  /// Adds where to read more to the parser's own words; ours have their remedy with them.
  private static func line(_ message: String, _ command: String) -> String {
    let message = likely(message.split(separator: "\n").joined(separator: " "))
    guard !message.contains(";"), !message.contains(": ") else { return message }
    if message.hasSuffix("?") { return "\(message) See \(command) --help" }
    return "\(message.hasSuffix(".") ? message.dropLast() : message[...]); see \(command) --help"
  }

  /// Without an option that the parser suggests for another one that is nothing like it.
  private static func likely(_ message: String) -> String {
    let words = message.split(separator: "'", omittingEmptySubsequences: false)
    guard words.count == 5, words[2] == ". Did you mean ",
      EditDistance.nearest(to: String(words[1]), among: [String(words[3])]) == nil
    else { return message }
    return "\(words[0])'\(words[1])'"
  }
}
