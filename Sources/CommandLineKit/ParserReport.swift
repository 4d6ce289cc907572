package import ArgumentParser
internal import Linux
internal import Presentation

/// The parser's word on a command line: help and versions on stdout, what is wrong with it on stderr.
package enum ParserReport {
  /// Writes it. What was typed is shown, but not acted on by the terminal.
  /// - Returns: the code that the program is to end with.
  package static func write<Root: ParsableCommand>(_ error: any Error, of root: Root.Type)
    -> ExitCode
  {
    let code = root.exitCode(for: error)
    let text = root.fullMessage(for: error)
    guard code != .success else {
      let output = StandardOutput()
      let help = HelpText.wrapped(text, columns: Terminal.columns(1) ?? 80) + "\n"
      output.write(PrintableText(verbatim: help))
      output.flush()
      return code
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) where !text.isEmpty {
      ErrorOutput.write(line: String(line))
    }
    return code
  }
}
