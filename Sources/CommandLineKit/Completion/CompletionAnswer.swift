internal import ArgumentParser
internal import Glibc

/// The protocol between the program and the shells' completion functions, which ask `PROGRAM ---complete bash LINE
/// REPLACED` or `PROGRAM ---complete zsh WORD...`.
///
/// The first line of the answer says what follows: `words`, one a line (with a tab and a note where the shell shows
/// notes); `files` or `directories`, and what stands before the name in the word; `command`, and where it begins.
enum CompletionAnswer {
  static let request = "---complete"

  /// - Parameter arguments: what follows the request.
  static func text(_ arguments: [String], _ program: ProgramDescription) throws -> String {
    // A key is pressed, and somebody waits. The signal ends the process, and with it the question, without a word.
    alarm(10)
    let words = Array(arguments.dropFirst())
    switch arguments.first {
    case "bash" where words.count == 2: return bash(program, line: words[0], replaced: words[1])
    case "zsh", "fish":
      let request = CompletionRequest(
        program, words: words.dropLast(), current: words.last ?? "")
      return lines(request.completion(), command: { $0 }, word: { $0.line })
    default: throw ValidationError("\(request) is for the completion scripts.")
    }
  }

  private static func bash(
    _ program: ProgramDescription, line: String, replaced: String
  ) -> String {
    let words = BashLine(line).words
    guard words.count > 1, let current = words.last else { return "words\n" }
    let request = CompletionRequest(
      program, words: words.dropFirst().dropLast().map(\.text), current: current.text)
    return lines(
      request.completion(), command: { words[$0 + 1].start },
      word: { current.reply($0.text, replacing: replaced) })
  }

  private static func lines(
    _ completion: Completion, command: (Int) -> Int, word: (Candidate) -> String?
  ) -> String {
    let lines =
      switch completion {
      case .words(let candidates): ["words"] + candidates.compactMap(word)
      case .files(let start): ["files", start]
      case .directories(let start): ["directories", start]
      case .command(let index): ["command", "\(command(index))"]
      }
    return lines.map { "\($0)\n" }.joined()
  }
}
