internal import Runner
internal import Schedules

/// The job that a command line starts, where it starts one by `taro exec`.
enum ExpectedWords {
  enum Found: Equatable {
    case job(String)
    /// A shell would have to be run to know it.
    case unknown(String)
  }

  /// Looks for `taro exec` in a line for the shell, also behind `cd X &&`, `nice`, `timeout 5m` and the like.
  /// - Returns: nil where the line starts no job.
  static func job(inLine line: String) -> Found? {
    for command in ShellCommand.commands(line) {
      let words = command.words
      guard let start = start(words.map(\.text)) else { continue }
      return job(Array(words[start...]))
    }
    return nil
  }

  /// The same where the words are known: systemd runs no shell.
  static func job(inWords words: [String]) -> Found? {
    guard let start = start(words) else { return nil }
    return job(words[start...].map { ShellCommand.Word(text: $0, isLiteral: true) })
  }

  /// The place of `exec`, behind a word that is taro, or a path to it.
  private static func start(_ words: [String]) -> Int? {
    words.indices.dropFirst().first { index in
      words[index] == "exec" && words[index - 1].split(separator: "/").last == "taro"
    }
  }

  private static func job(_ words: [ShellCommand.Word]) -> Found {
    let texts = words.map(\.text)
    let command = words.suffix(ExecWords(texts).commandCount)
    let options = words.dropLast(command.count)
    if let id = id(Array(options)) { return id }
    guard command.allSatisfy(\.isLiteral) else {
      return .unknown(
        "its id is its command, in which the shell replaces something; give it an --id")
    }
    guard !command.isEmpty else { return .unknown("taro exec has no command there") }
    return .job(JobID.standard(of: command.map { Array($0.text.utf8) }))
  }

  private static func id(_ options: [ShellCommand.Word]) -> Found? {
    var index = 1
    while index < options.count {
      let word = options[index]
      let value: ShellCommand.Word? =
        if word.text == "--id" {
          index + 1 < options.count ? options[index + 1] : nil
        } else if word.text.hasPrefix("--id=") {
          ShellCommand.Word(text: String(word.text.dropFirst(5)), isLiteral: word.isLiteral)
        } else { nil }
      if let value {
        return value.isLiteral
          ? .job(value.text) : .unknown("the shell replaces something in its --id")
      }
      index += ExecWords.optionsWithValues.contains(word.text) ? 2 : 1
    }
    return nil
  }
}
