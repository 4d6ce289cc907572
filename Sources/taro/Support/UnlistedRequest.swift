internal import CommandLineKit

/// What the program is asked about itself, before any command is looked for.
enum UnlistedRequest {
  /// Carries it out, and returns what to print; nil when the arguments ask for nothing of the kind.
  static func answer(_ arguments: [String]) throws -> String? {
    let words = (arguments.first ?? "").split(separator: "=", maxSplits: 1)
    let value = words.count > 1 ? String(words[1]) : arguments.dropFirst().first
    switch words.first ?? "" {
    case CompletionAnswer.request[...]:
      return try CompletionAnswer.text(Array(arguments.dropFirst()))
    case CompletionScript.option[...]: return try CompletionScript.text(for: value)
    case Manual.option[...]:
      guard let value, !value.isEmpty else {
        throw Failure.usage("\(Manual.option) DIR: the directory for man1 and man5 is missing")
      }
      try Manual.write(below: value)
      return ""
    default: return nil
    }
  }
}
