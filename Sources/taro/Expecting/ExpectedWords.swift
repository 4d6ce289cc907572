internal import Events
internal import Runner
internal import Schedules

/// The job that a command line starts, where it starts one by `taro exec`, in this ledger and in any case.
struct ExpectedWords {
  enum Found: Equatable {
    case job(String)
    /// A shell would have to be run to know it, or it is none of this ledger.
    case unknown(String)
  }

  /// The directory of the ledger that is to expect it.
  let ledger: String

  /// Looks for `taro exec` in a line for the shell, also behind `cd X &&`, `nice`, `timeout 5m` and the like.
  /// - Parameter variables: of the environment in which the line is run, as far as they are known.
  /// - Returns: nil where the line starts no job.
  func job(inLine line: String, _ variables: [String: String]) -> Found? {
    for command in ShellCommand.commands(line) {
      let words = command.words
      guard let start = Self.start(words.map(\.text)) else { continue }
      if Self.says(words[..<(start - 1)].map(\.text)) { continue }
      if let condition = command.condition {
        return .unknown("it is not always run: that depends on \(condition)")
      }
      return job(words, start, variables)
    }
    return nil
  }

  /// The same where the words are known: systemd runs no shell.
  func job(inWords words: [String], _ variables: [String: String]) -> Found? {
    guard let start = Self.start(words), !Self.says(words[..<(start - 1)]) else { return nil }
    return job(
      words.map { ShellCommand.Word(text: $0, isLiteral: true) }, start, variables)
  }

  private func job(
    _ words: [ShellCommand.Word], _ start: Int, _ variables: [String: String]
  ) -> Found {
    if let refusal = refusal(Array(words[..<(start - 1)]), variables) { return .unknown(refusal) }
    return job(Array(words[start...]))
  }

  /// The place of `exec`, behind a word that is taro, or a path to it.
  private static func start(_ words: [String]) -> Int? {
    words.indices.dropFirst().first { words[$0] == "exec" && name(words[$0 - 1]) == "taro" }
  }

  private static func name(_ word: String) -> Substring {
    word.split(separator: "/").last ?? ""
  }

  // MARK: What stands before it

  /// Programs that run what follows here, as this user, and now.
  private static let wrappers: Set<Substring> = [
    "!", "{", "chronic", "chrt", "command", "cronic", "env", "exec", "flock", "ionice", "nice",
    "nohup", "setsid", "stdbuf", "systemd-cat", "taskset", "time", "timeout",
  ]
  /// Those that run it elsewhere, or as somebody else.
  private static let movers: Set<Substring> = [
    "chroot", "docker", "doas", "incus", "lxc", "machinectl", "nsenter", "parallel", "podman",
    "rsh", "runuser", "setpriv", "ssh", "su", "sudo", "systemd-run", "unshare", "xargs",
  ]

  /// It is about the words, and runs none of them.
  private static func says<Words: Sequence<String>>(_ words: Words) -> Bool {
    guard let first = words.first(where: { assignment($0) == nil }) else { return false }
    return ["echo", "printf", ":", "true"].contains(name(first))
  }

  private static func assignment(_ word: String) -> (name: String, value: String)? {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let first = parts.first?.first, first.isLetter || first == "_" else {
      return nil
    }
    return (String(parts[0]), String(parts[1]))
  }

  /// The reason why nobody knows that it runs here, in this ledger.
  private func refusal(_ words: [ShellCommand.Word], _ variables: [String: String]) -> String? {
    var directory = variables[EnvironmentVariable.ledger.name]
    for word in words {
      guard let (name, value) = Self.assignment(word.text) else { continue }
      if name == EnvironmentVariable.ledger.name { directory = value }
    }
    let names = words.map(\.text).filter { Self.assignment($0) == nil }.map(Self.name)
    if let mover = names.first(where: { Self.movers.contains($0) }) {
      return "it is run by \(mover), elsewhere or as another user; expect it there"
    }
    if let first = names.first, !Self.wrappers.contains(first) {
      return "\(first) stands before it, and may not run it"
    }
    return directory.flatMap(elsewhere)
  }

  private func elsewhere(_ directory: String) -> String? {
    func plain(_ path: String) -> [Substring] { path.split(separator: "/") }
    guard !directory.isEmpty, plain(directory) != plain(ledger) else { return nil }
    return "its ledger is \(directory); ask with --ledger for that one"
  }

  // MARK: Its options

  private func job(_ words: [ShellCommand.Word]) -> Found {
    let texts = words.map(\.text)
    let command = words.suffix(ExecWords(texts).commandCount)
    let options = words.dropLast(command.count)
    if let directory = Self.value(of: "--ledger", Array(options)) {
      guard directory.isLiteral else {
        return .unknown("the shell replaces something in its --ledger")
      }
      if let refusal = elsewhere(directory.text) { return .unknown(refusal) }
    }
    if let id = Self.value(of: "--id", Array(options)) {
      return id.isLiteral ? .job(id.text) : .unknown("the shell replaces something in its --id")
    }
    guard command.allSatisfy(\.isLiteral) else {
      return .unknown(
        "its id is its command, in which the shell replaces something; give it an --id")
    }
    guard !command.isEmpty else { return .unknown("taro exec has no command there") }
    return .job(JobID.standard(of: command.map { Array($0.text.utf8) }))
  }

  private static func value(
    of option: String, _ options: [ShellCommand.Word]
  ) -> ShellCommand.Word? {
    var index = 1
    while index < options.count {
      let word = options[index]
      if word.text == option { return index + 1 < options.count ? options[index + 1] : nil }
      if word.text.hasPrefix("\(option)=") {
        let value = String(word.text.dropFirst(option.count + 1))
        return ShellCommand.Word(text: value, isLiteral: word.isLiteral)
      }
      index += ExecWords.optionsWithValues.contains(word.text) ? 2 : 1
    }
    return nil
  }
}
