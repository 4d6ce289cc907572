internal import ArgumentParser
internal import Linux
internal import Presentation

/// Asks before something is done that cannot be undone.
package enum Confirmation {
  /// Writes the question behind what the output holds, and waits for a person's yes.
  /// - Parameter remedy: how to do without a person: "use --force to ..."
  /// - Throws: what ends the program: quietly with 0 when the answer is anything else, as wrong usage where nobody is
  ///   there to be asked.
  package static func ask(_ question: String, on output: StandardOutput, remedy: String) throws {
    guard Terminal.isTerminal(0) else {
      output.flush()
      throw Failure.usage("nobody here to ask; \(remedy)")
    }
    output.write("\(question) [y/N] ")
    output.flush()
    let answer = readLine()?.lowercased() ?? ""
    guard ["y", "yes"].contains(answer) else { throw ExitCode(0) }
  }
}
