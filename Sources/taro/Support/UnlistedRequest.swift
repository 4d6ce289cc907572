/// What the program is asked to print about itself, before any command is looked for.
enum UnlistedRequest {
  /// Nil when the arguments ask for nothing of the kind.
  static func text(_ arguments: [String]) throws -> String? {
    let words = (arguments.first ?? "").split(separator: "=", maxSplits: 1)
    let value = words.count > 1 ? String(words[1]) : arguments.dropFirst().first
    return switch words.first ?? "" {
    case CompletionAnswer.request[...]: try CompletionAnswer.text(Array(arguments.dropFirst()))
    case CompletionScript.option[...]: try CompletionScript.text(for: value)
    default: nil
    }
  }
}
