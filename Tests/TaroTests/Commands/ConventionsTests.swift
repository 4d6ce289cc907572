import CommandLineKit
import Events
import Ledger
import TestSupport
import Testing

@testable import taro

/// docs/conventions.md, over all commands.
@Suite("Every command", .temporaryDirectory)
struct ConventionsTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private struct Command: CustomStringConvertible {
    let path: [String]
    let tree: CommandTree

    var description: String { path.joined(separator: " ") }
    var options: Set<String> {
      Set(tree.arguments.filter { $0.kind == .option }.flatMap(\.names))
    }
    var positionals: [CommandTree.Argument] { tree.arguments.filter { $0.kind == .positional } }
  }

  private static func leaves(_ tree: CommandTree, _ path: [String] = []) -> [Command] {
    guard !tree.subcommands.isEmpty else { return [Command(path: path, tree: tree)] }
    return tree.subcommands.filter { $0.name != "help" }.flatMap { leaves($0, path + [$0.name]) }
  }

  private static let all = leaves(Taro.description.tree)

  /// What a command has to be given beside what is tried.
  private func words(_ command: Command) -> [String] {
    let options = [
      "export": ["-f", "csv"], "bundle": ["-o", "file"], "redact": ["--pattern", "x"],
      "expect": ["nothing-like-it", "--every", "1d"], "exec": ["true"],
    ]
    return (options[command.description] ?? [])
      + command.positionals.filter { !$0.isOptional }.map { _ in "nothing-like-it" }
  }

  @Test func `says in one line what is wrong with an option`() throws {
    for command in Self.all {
      let result = try taro.runAll(command.path + ["--nope"] + words(command))
      result.expect(code: 64, stdout: "")
      result.expectOneLine(about: "--nope")
      #expect(result.stderr.hasPrefix("taro: "), "\(command)")
    }
  }

  @Test func `says in one line what is wrong with a value`() throws {
    let wrong = [
      "--format": "nope", "--since": "nope", "--until": "nope", "--as-of": "nope", "--lines": "x",
      "--timeout": "x", "--longer": "-1", "--color": "pink", "--exit-code": "300",
      "--execution-group": nil, "--state": "nope", "--states": "nope", "--count": "0",
      "--columns": "nope", "--delay": "x", "--wait": "x", "--kill-after": "x",
    ]
    // Each with a few of the commands that have it: they share the declaration, mostly.
    var tried: [String: Int] = [:]
    for command in Self.all {
      for option in command.options.sorted() {
        guard let known = wrong[option], let value = known, tried[option, default: 0] < 3 else {
          continue
        }
        let more = command.description == "export" && option == "--format" ? [] : words(command)
        let result = try taro.runAll(command.path + [option, value] + more)
        result.expect(code: 64, stdout: "")
        result.expectOneLine(about: option == "--states" ? "-s" : value)
        tried[option, default: 0] += 1
      }
    }
    #expect(tried.count == wrong.count { $0.value != nil })
  }

  @Test(arguments: [
    "exec --retry -1 true", "exec --retry 1 --retry-on -1 true", "exec --success-codes -1 true",
    "hist -n -1", "hist --lines -1", "tail -n -1", "show a -n -1", "wait -c -1", "wait -t -1",
    "page --port -1",
    "replay a --speed -1", "diff a b -U -1", "diff a b --max-lines -1", "grep x -m -1",
    "grep x -A -1",
    "grep x -B -1", "grep x -C -1", "hist --as-of -1",
  ])
  func `says in one line why a negative number is none`(line: String) throws {
    let result = try taro.runAll(line.split(separator: " ").map(String.init))
    result.expect(code: 64, stdout: "")
    result.expectOneLine(about: "-1")
    #expect(!result.stderr.contains("Missing value"), "\(result)")
  }

  @Test func `has no answer about a name that is not there, and tells it`() throws {
    try taro.exec("backup", "true")
    let asking = [
      "show", "why", "output", "replay", "rerun", "ps", "hist", "stats", "timeline",
      "stop --force", "pause", "resume", "tail", "diff", "export -f csv",
    ]
    for command in asking {
      let path = command.split(separator: " ").map(String.init)
      let result = try taro.runAll(path + ["bakcup"])
      #expect(result.code == (path[0] == "diff" ? 2 : 1), "\(command): \(result)")
      #expect(result.stdout.isEmpty, "\(command): \(result)")
      result.expectOneLine(about: "bakcup")
    }
  }

  @Test func `makes no ledger by asking, and does not fail where there is none`() throws {
    let makers: Set = [
      "exec", "disable", "enable", "expect", "unexpect", "wait", "listen", "page", "release",
      "config create", "config reset", "verify-bundle",
    ]
    for command in Self.all where !makers.contains(command.description) {
      let result = try taro.start(bytes: (command.path + words(command)).map { Array($0.utf8) }) {
        $0.stdin = .null
      }.finish()
      #expect([0, 1, 2, 3, 64].contains(result.code), "\(command): \(result)")
      #expect(result.errorLines.count <= 1 || result.code == 0, "\(command): \(result)")
      #expect(!Files.exists(taro.ledger.path), "\(command)")
    }
  }

  @Test(arguments: [40, 80, 120, 200])
  func `fits into a width that is named, and keeps states`(width: Int) throws {
    try taro.exec("a-job-with-a-name-of-some-length", "echo", "something to be seen in RESULT")
    try taro.exec("b", "sh", "-c", "echo some more words of an error; exit 3", code: 3)
    try taro.run("disable", "c", "--reason", "because of a tape").expect(code: 0)
    try taro.run("expect", "b", "--every", "1d").expect(code: 0)
    for command in [["hist"], ["stats"], ["ps"], ["hist", "-L"], ["timeline"]] {
      let result = try taro.start(bytes: command.map { Array($0.utf8) }) {
        $0.environment["COLUMNS"] = "\(width)"
      }.finish().expect(code: 0, stderr: "")
      guard command != ["timeline"] else { continue }
      for line in result.lines { #expect(line.count <= width, "\(command): \(line)") }
      if command[0] == "hist" {
        #expect(result.text.contains("COMPLETED"), "\(command): \(result)")
        #expect(result.text.contains("FAILED"), "\(command): \(result)")
      }
    }
  }

  @Test func `has colours on a terminal and where they are asked for, and nowhere else`() throws {
    try taro.exec("a", "false", code: 1)
    let asking = [
      ["hist"], ["stats"], ["ps"], ["show", "a"], ["why", "a"], ["list-disabled"], ["check"],
      ["timeline"], ["plugins"],
    ]
    func text(_ command: [String], _ variables: [String: String] = [:]) throws -> String {
      try taro.start(bytes: command.map { Array($0.utf8) }) {
        $0.environment.merge(variables) { $1 }
      }.finish().text
    }
    for command in asking {
      try expect(text(command)) { !$0.contains("\u{1b}") }
      try expect(text(command, ["NO_COLOR": "", "CLICOLOR_FORCE": "1"])) { !$0.contains("\u{1b}") }
      try expect(text(command + ["--color", "never"], ["CLICOLOR_FORCE": "1"])) {
        !$0.contains("\u{1b}")
      }
    }
    for command in asking.prefix(5) {
      try expect(text(command + ["--color=always"])) { $0.contains("\u{1b}[") }
      try expect(text(command, ["CLICOLOR_FORCE": "1"])) { $0.contains("\u{1b}[") }
      try expect(text(command, ["CLICOLOR_FORCE": "0"])) { !$0.contains("\u{1b}") }
    }
  }

  @Test func `calls by one name what means the same`() throws {
    let same: [String: Set<String>] = [
      "--format": ["-f", "--format"], "--lines": ["-n", "--lines"],
      "--since": ["-S", "--since"], "--until": ["-U", "--until"],
      "--config": ["-C", "--config"], "--columns": ["--columns"], "--color": ["--color"],
      "--reason": ["--reason"], "--as-of": ["--as-of"],
    ]
    // `disable --until` is a time to come, `wait -t` and exec's `--timeout` are of runs.
    for command in Self.all where !["disable", "grep"].contains(command.description) {
      for argument in command.tree.arguments {
        for name in argument.names {
          guard let names = same[name] else { continue }
          #expect(Set(argument.names) == names, "\(command): \(argument.names)")
        }
      }
    }
  }

  @Test func `is told by the page of conventions, option by option`() throws {
    let page = try Files.text(Repository.path("docs/conventions.md"))
    for option in ["--ledger", "--format", "--as-of", "--color", "--watch", "--columns", "--force"]
    {
      #expect(page.contains("`\(option)") || page.contains("`-f FORMAT`, `\(option)"), "\(option)")
      #expect(Self.all.contains { $0.tree.arguments.contains { $0.names.contains(option) } })
    }
    for code in [0, 1, 64, 65, 71, 74, 75, 77, 78, 124] { #expect(page.contains("\n| \(code) | ")) }
  }
}
