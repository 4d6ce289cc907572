internal import Events
internal import Ledger
import TestSupport
import Testing

@testable import taro

@Suite(.temporaryDirectory) struct ExecArgumentsTests {
  /// Prints its own argv, each argument ended by a NUL.
  private static let printsArguments = ["sh", "-c", "cat /proc/$$/cmdline; exit"]

  private func argv(_ arguments: [[UInt8]]) -> [UInt8] {
    (Self.printsArguments.map { Array($0.utf8) } + arguments).flatMap { $0 + [0] }
  }

  @Test func `arguments reach the job byte for byte`() throws {
    let taro = try TaroProgram()
    let odd: [[UInt8]] =
      ["name", "", "a b", "line\nbreak", "*?[x]$HOME`id`\\'\"", "-b", "--id", "--", "@file", "é"]
      .map { Array($0.utf8) } + [[], [0xff, 0xfe, 0x41], Array(repeating: 0x78, count: 100_000)]
    let command = ["exec", "--id", "odd"] + Self.printsArguments
    let result = try taro.start(bytes: command.map { Array($0.utf8) } + odd).finish()
    result.expect(code: 0, stderr: "")
    result.expectStdout(argv(odd))
  }

  @Test func `a command that is UTF-8 is recorded as it is`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "printf", "%s", "é\n*").expect(code: 0, stdout: "é\n*")
    let created = try #require(try taro.created(ofJob: "printf %s é\n*"))
    #expect(created.command == ["printf", "%s", "é\n*"])
    #expect(created.commandBase64 == nil)
  }

  @Test func `of a command that is not UTF-8 the bytes are recorded`() throws {
    let taro = try TaroProgram()
    let words = ["exec", "--id", "a", "printf", "%s"].map { Array($0.utf8) } + [[0xff, 0x41]]
    try expect(taro.start(bytes: words).finish().stdout, is: [0xff, 0x41])
    let created = try #require(try taro.created(ofJob: "a"))
    #expect(created.command == ["printf", "%s", "\u{fffd}A"])
    // RFC 4648: "printf", "%s" and FF 41.
    #expect(created.commandBase64 == ["cHJpbnRm", "JXM=", "/0E="])
  }

  @Test(arguments: [
    "--id x", "--help", "-h", "--version", "-b", "--ledger /nowhere", "--unknown",
    "--generate-completion-script", "--generate-completion-script=zsh",
    "--generate-completion-script zsh", "---completion exec", "---", "--experimental-dump-help",
    "-- x",
    "exec", "help",
  ])
  func `options end at the command`(options: String) throws {
    let taro = try TaroProgram()
    let words = options.split(separator: " ").map(String.init)
    let command = ["exec", "--id", "a", "printf", "%s\n"] + words
    try taro.start(bytes: command.map { Array($0.utf8) }).finish()
      .expect(code: 0, stdout: words.joined(separator: "\n") + "\n", stderr: "")
    try expect(taro.created(ofJob: "a")?.command, is: ["printf", "%s\n"] + words)
  }

  @Test func `the words of a command are its job's id, whatever the parser makes of them`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "printf", "%s", "--generate-completion-script").expect(code: 0)
    try expect(taro.created(ofJob: "printf %s --generate-completion-script")) { $0 != nil }
  }

  @Test func `a command with very many words starts at once`() throws {
    let taro = try TaroProgram()
    // The parser would take minutes for so many.
    try taro.shell("exec \"$TARO\" exec --id a true $(seq 20000)").expect(code: 0, stderr: "")
    try expect(taro.created(ofJob: "a")?.command.count, is: 20_001)
  }

  @Test func `every option of exec that has a value is known as one`() throws {
    let taro = try TaroProgram()
    let help = try taro.run("exec", "--experimental-dump-help").expect(code: 0)
    let arguments = try JSON(parsing: help.text)["command"]?["arguments"]?.array ?? []
    let names = arguments.filter { $0["kind"] == "option" }.flatMap { $0["names"]?.array ?? [] }
    let options = names.compactMap { name in
      name["name"]?.string.map { (name["kind"] == "short" ? "-" : "--") + $0 }
    }
    #expect(!options.isEmpty)
    let known = ExecWords.optionsWithValues.union(ExecWords.optionsWithDefaults.keys)
    #expect(Set(options) == known)
  }

  @Test func `help for exec is given before a command, not behind one`() throws {
    let taro = try TaroProgram()
    for words in [["--help"], ["-h"], ["--help", "ls"]] {
      let result = try taro.start(bytes: (["exec"] + words).map { Array($0.utf8) }).finish()
      result.expect(code: 0, stderr: "")
      #expect(result.text.contains("Options end at COMMAND"), "\(result)")
    }
  }

  @Test func `two dashes end the options and are no part of the command`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "--", "printf", "%s\n", "--", "-b")
      .expect(code: 0, stdout: "--\n-b\n")
    try taro.run("exec", "--", "printf", "x").expect(code: 0, stdout: "x")
    try expect(taro.created(ofJob: "printf x")?.command, is: ["printf", "x"])
    try taro.run("exec", "--", "--strange").expect(code: 127).expectOneLine(about: "--strange")
    try taro.run("exec", "--", "--").expect(code: 127)
  }

  @Test func `an option may have its value behind an equals sign`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id=a=b", "--output-overflow=drop", "true").expect(code: 0)
    try expect(taro.created(ofJob: "a=b")) { $0 != nil }
  }

  @Test(arguments: [["--frobnicate"], ["-x"], ["-b", "--id", "a", "--frobnicate"]])
  func `an unknown option is 64, is named, and runs nothing`(options: [String]) throws {
    let taro = try TaroProgram()
    let words = ["exec"] + options + ["touch", "ran"]
    let result = try taro.start(bytes: words.map { Array($0.utf8) }).finish()
    result.expect(code: 64, stdout: "")
    #expect(result.stderr.contains(try #require(options.last)), "\(result)")
    #expect(result.stderr.contains("taro exec --help"), "\(result)")
    #expect(!Files.exists("\(taro.work)/ran"))
    #expect(!Files.exists(taro.ledger.path))
  }

  @Test(arguments: [[], ["--"], ["--id", "a"], ["-b", "--"]])
  func `a missing command is 64`(options: [String]) throws {
    let taro = try TaroProgram()
    let result = try taro.start(bytes: (["exec"] + options).map { Array($0.utf8) }).finish()
    result.expect(code: 64, stdout: "")
    #expect(result.stderr.contains("Missing COMMAND"), "\(result)")
  }

  @Test(arguments: [
    ["--id", ""], ["--id"], ["--param", "x", "true"], ["--param", "=x", "true"],
    ["--param", "", "true"], ["--output-overflow", "maybe", "true"],
    ["--cwd", "", "true"], ["--env", "x", "true"], ["--env", "=x", "true"], ["--env", "", "true"],
    ["--umask", "9", "true"], ["--umask", "1000", "true"], ["--umask", "-1", "true"],
    ["--umask", "u=rwx", "true"], ["--nice", "abc", "true"], ["--nice", "20", "true"],
    ["--nice", "-21", "true"], ["--dry-run=", "true"], ["--record-env=", "true"],
    ["--record-env=,", "true"],
  ])
  func `an option without a sound value is 64`(words: [String]) throws {
    let taro = try TaroProgram()
    let command = ["exec"] + words + (words.count == 2 ? ["true"] : [])
    let result = try taro.start(bytes: command.map { Array($0.utf8) }).finish()
    result.expect(code: 64, stdout: "")
    let name = try words.at(0).split(separator: "=").first.map(String.init) ?? ""
    #expect(result.stderr.contains(name), "\(result)")
    #expect(!Files.exists(taro.ledger.path))
  }

  @Test func `a parameter's value may hold equals signs, blanks or nothing`() throws {
    let taro = try TaroProgram()
    try taro.run(
      "exec", "--id", "a", "--param", "k=a=b", "--param", "empty=", "--param", "text=x y", "true"
    ).expect(code: 0, stdout: "", stderr: "")
    try expect(
      taro.created(ofJob: "a")?.params,
      is: [
        JSON.Member("k", "a=b"), JSON.Member("empty", ""), JSON.Member("text", "x y"),
      ])
  }

  @Test func `of a parameter that is given twice the last counts`() throws {
    let taro = try TaroProgram()
    try taro.run(
      "exec", "--id", "a", "--param", "k=1", "--param", "other=x", "--param", "k=2", "true"
    ).expect(code: 0, stdout: "", stderr: "")
    try expect(
      taro.created(ofJob: "a")?.params, is: [JSON.Member("other", "x"), JSON.Member("k", "2")])
  }

  @Test func `the job's id is the command when none is given`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "sh", "-c", "exit 0").expect(code: 0)
    try expect(taro.ending(ofJob: "sh -c exit 0")?.state, is: .completed)
  }
}
