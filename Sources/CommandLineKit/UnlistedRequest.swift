internal import Documents
internal import Events

/// A question about the program itself, which is answered before any command is looked for.
package enum UnlistedRequest {
  /// Carries it out, and returns what to print; nil when the arguments ask for nothing of the kind.
  /// - Parameters:
  ///   - topics: texts of `help TOPIC` that are about no command.
  ///   - manual: made only when it is asked for.
  package static func answer(
    _ arguments: [String], _ program: ProgramDescription,
    topics: (String) -> String? = { _ in nil },
    manual: () -> Manual
  ) throws -> String? {
    if arguments.count == 2, arguments[0] == "help", let text = topics(arguments[1]) { return text }
    let words = (arguments.first ?? "").split(separator: "=", maxSplits: 1)
    let value = words.count > 1 ? String(words[1]) : arguments.dropFirst().first
    switch words.first ?? "" {
    case "--protocol" where words.count == 1 && arguments.count == 1:
      return AnswerProtocol(version: program.version).json.text + "\n"
    case CompletionAnswer.request[...]:
      return try CompletionAnswer.text(Array(arguments.dropFirst()), program)
    case CompletionScript.option[...]: return try CompletionScript.text(for: value, program)
    case Manual.option[...]:
      guard let value, !value.isEmpty else {
        throw Failure.usage("\(Manual.option) DIR: the directory for man1 and man5 is missing")
      }
      let rest = arguments.dropFirst(words.count > 1 ? 1 : 2)
      try manual().write(below: value, documentation: rest.first)
      return ""
    default: return nil
    }
  }
}
