internal import Events
internal import Linux
internal import Settings

/// The words of `taro exec`: where its options end and the command begins.
///
/// The parser gets the options alone. It would look for its own flags among the words of the command as well, refuse
/// some of them ("---"), and take time that grows with the square of their number: 20 s for 20,000 files.
struct ExecWords {
  /// Options of `exec` whose value is the next word, unless it follows an equals sign.
  static let optionsWithValues: Set = [
    "--id", "--param", "--output-overflow", "--ledger", "-m", "--max-executions", "-g",
    "--execution-group", "-d", "--depends-on", "-p", "--pending", "--after", "--after-success",
    "--delay", "--at", "--skip-code", "--timeout", "--kill-after", "--cwd", "--env", "--umask",
    "--nice", "--retry", "--retry-delay", "--warn-time", "--warn-output", "--warn-silence",
    "--progress", "-C", "--config", "--set", "--not-within", "--splay", "--give-up-after",
    "--success-codes", "--retry-on", "--stop-signal", "--mask", "--keep-output",
  ]
  /// Options of `exec` whose value never is the next word, which may be the command; and what the value is where none
  /// follows an equals sign.
  static let optionsWithDefaults = ["--record-env": allVariables, "--dry-run": "COMPLETED"]
  /// The value that stands for all variables: none has this name.
  static let allVariables = "="

  /// The words for the parser: the options, and a word in place of the command if there is one.
  let forParser: [String]
  /// The number of words that the command has.
  let commandCount: Int
  /// True when the words are those of a command that starts a job, whose limits are not to be taro's.
  let startsJob: Bool
  /// A first word of the command that looks as if it was meant as the value of the option before it, which takes none
  /// from there.
  let misplacedValue: (option: String, value: String)?

  /// - Parameter words: the program's arguments; those of other commands stay as they are.
  init(_ words: [String]) {
    startsJob = words.first == "exec" || words.first == "rerun"
    guard words.first == "exec" else {
      forParser = words
      commandCount = 0
      misplacedValue = nil
      return
    }
    var options = Array(words[..<1])
    var end = 1
    while end < words.count, words[end].utf8.count > 1, words[end].hasPrefix("-"),
      words[end] != "--"
    {
      let next = end + (Self.optionsWithValues.contains(words[end]) ? 2 : 1)
      if let value = Self.optionsWithDefaults[words[end]] {
        options.append("\(words[end])=\(value)")
      } else {
        options += words[end..<min(next, words.count)]
      }
      end = next
    }
    end = min(end, words.count)
    misplacedValue =
      end > 1 && end + 1 < words.count
        && Self.looksLikeValue(words[end], of: words[end - 1])
      ? (words[end - 1], words[end]) : nil
    let start = end < words.count && words[end] == "--" ? end + 1 : end
    commandCount = words.count - start
    forParser = options + (commandCount > 0 ? ["--", "command"] : [])
  }

  /// A state, or nearly one, behind `--dry-run`; a variable that there is behind `--record-env`.
  private static func looksLikeValue(_ word: String, of option: String) -> Bool {
    switch option {
    case "--dry-run":
      let states = InstanceState.allCases.filter(\.isTerminal).map { $0.rawValue.lowercased() }
      let word = word.lowercased()
      return states.contains(word) || EditDistance.nearest(to: word, among: states) != nil
    case "--record-env":
      return word.split(separator: ",").allSatisfy { Environment.value(String($0)) != nil }
    default: return false
    }
  }

  /// The values of an option, in order, as the bytes that this process was given.
  static func values(of option: String) -> [[UInt8]] {
    let name = Array(option.utf8)
    let commandStart = ProgramArguments.count - command().count
    var values: [[UInt8]] = []
    // The first two words are the program and `exec`.
    var index = 2
    while index < commandStart {
      let word = ProgramArguments.bytes(index)
      if word == name, index + 1 < commandStart {
        values.append(ProgramArguments.bytes(index + 1))
      } else if word.starts(with: name + [UInt8(ascii: "=")]) {
        values.append(Array(word[(name.count + 1)...]))
      }
      index += optionsWithValues.contains(String(decoding: word, as: UTF8.self)) ? 2 : 1
    }
    return values
  }

  /// The command of this process: its words as bytes, for the job is to get what was written.
  static func command() -> [[UInt8]] {
    let count = ExecWords(ProgramArguments.texts).commandCount
    let total = ProgramArguments.count
    return (total - count..<total).map(ProgramArguments.bytes)
  }
}
