internal import Glibc

/// The words of `taro exec`: where its options end and the command begins.
///
/// The parser gets the options alone. It would look for its own flags among the words of the command as well, refuse
/// some of them ("---"), and take time that grows with the square of their number: 20 s for 20,000 files.
struct ExecWords {
  /// Options of `exec` whose value is the next word, unless it follows an equals sign.
  static let optionsWithValues: Set = [
    "--id", "--param", "--output-overflow", "--ledger", "-m", "--max-executions", "-g",
    "--execution-group", "-d", "--depends-on", "-p", "--pending", "--after", "--after-success",
    "--delay", "--at", "--skip-code", "--timeout", "--kill-after",
  ]

  /// For the parser: the options, and a word in place of the command if there is one.
  let forParser: [String]
  /// How many words the command has.
  let commandCount: Int

  /// - Parameter words: the program's arguments; those of other commands stay as they are.
  init(_ words: [String]) {
    guard words.first == "exec" else {
      forParser = words
      commandCount = 0
      return
    }
    var end = 1
    while end < words.count, words[end].utf8.count > 1, words[end].hasPrefix("-"),
      words[end] != "--"
    {
      end += Self.optionsWithValues.contains(words[end]) ? 2 : 1
    }
    end = min(end, words.count)
    let start = end < words.count && words[end] == "--" ? end + 1 : end
    commandCount = words.count - start
    forParser = words[..<end] + (commandCount > 0 ? ["--", "command"] : [])
  }

  /// The command of this process: its words as bytes. Swift's strings repair what is not UTF-8, and the job is to get
  /// what was written.
  static func command() -> [[UInt8]] {
    let count = ExecWords(Array(CommandLine.arguments.dropFirst())).commandCount
    let total = Int(CommandLine.argc)
    return (total - count..<total).map { index in
      guard let argument = CommandLine.unsafeArgv[index] else { return [] }
      return Array(UnsafeRawBufferPointer(start: argument, count: strlen(argument)))
    }
  }
}
