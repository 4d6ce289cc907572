import CommandLineKit
internal import Events
internal import Ledger
import Linux
import TestSupport
import Testing

@testable import taro

/// What the program offers to a shell.
@Suite(.temporaryDirectory) struct CompletionTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func answer(_ words: String...) throws -> [String] {
    try taro.start(bytes: (["---complete", "zsh"] + words).map { Array($0.utf8) }).finish()
      .expect(code: 0, stderr: "").text
      .split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  /// The words without their notes.
  private func offered(_ words: [String]) throws -> [String] {
    let result = try taro.start(bytes: (["---complete", "zsh"] + words).map { Array($0.utf8) })
      .finish().expect(code: 0, stderr: "")
    let lines = result.lines
    #expect(lines.first == "words", "\(result)")
    return lines.dropFirst().map { String($0.prefix { $0 != "\t" }) }
  }

  private func offered(_ words: String...) throws -> [String] { try offered(words) }

  /// A run that waits for a latch.
  private func waiting(_ job: String, latch: String) throws -> TaroProcess {
    let process = try taro.start("exec", "--id", job, "-p", latch, "-g", "tapes", "true")
    _ = try taro.waitForEvent("pending") { $0.kind == .state(.pending) }
    return process
  }

  @Test func `offers commands, also below a command and to help`() throws {
    try expect(offered("exe"), is: ["exec"])
    try expect(offered("config", "c"), is: ["create", "check"])
    try expect(offered("help", "config", "p"), is: ["path"])
    try expect(offered("nonsense", "")) { $0.isEmpty }
  }

  @Test func `offers options, those that may be given once only once`() throws {
    try expect(offered("stop", "--f"), is: ["--force"])
    try expect(offered("stop", "--force", "--f")) { $0.isEmpty }
    try expect(offered("exec", "--env", "A=b", "--en"), is: ["--env"])
    try expect(offered("exec", "--dry"), is: ["--dry-run", "--dry-run="])
  }

  @Test func `offers values from what is declared`() throws {
    try expect(offered("hist", "-f", "j"), is: ["json", "jsonl"])
    try expect(offered("hist", "--format=j"), is: ["--format=json", "--format=jsonl"])
    try expect(offered("exec", "--output-overflow", ""), is: ["wait", "drop"])
    try expect(
      offered("exec", "--dry-run=st"), is: ["--dry-run=stopped", "--dry-run=start_failed"])
    try expect(offered("wait", "-s", "failed", "lo"), is: ["lost"])
    try expect(offered("signal", "x", "HU"), is: ["HUP"])
    try expect(offered("exec", "--set", "output.d"), is: ["output.drain="])
    try expect(offered("exec", "--set", "log.mode=o")) { $0.isEmpty }
  }

  @Test func `tells the shell where files, directories and another command come`() throws {
    try expect(answer("exec", "--cwd", ""), is: ["directories", ""])
    try expect(answer("ps", "--config=x"), is: ["files", "--config="])
    try expect(answer("ps", "-C", ""), is: ["files", ""])
    try expect(answer("exec", ""), is: ["command", "1"])
    try expect(answer("exec", "--id", "x", "-b", "tar", "--f"), is: ["command", "4"])
    try expect(answer("exec", "--dry-run", "tar"), is: ["command", "2"])
    try expect(answer("exec", "--", "-x"), is: ["command", "2"])
  }

  @Test func `offers live jobs to what needs them, and all to what looks back`() throws {
    try taro.run("exec", "--id", "old", "true").expect(code: 0)
    let process = try waiting("backup", latch: "disk ready")
    let instance = try #require(try taro.events(ofJob: "backup").last?.instance?.text)
    try expect(offered("stop", ""), is: ["backup"])
    try expect(offered("tail", ""), is: ["backup"])
    try expect(offered("stop", "backup@"), is: ["backup@\(instance)"])
    try expect(offered("stop", String(instance.prefix(4)))) { $0.contains(instance) }
    try expect(offered("exec", "--after", "b"), is: ["backup"])
    try expect(offered("show", ""), is: ["backup", "old"])
    try expect(offered("hist", "o"), is: ["old"])
    try expect(offered("exec", "--id", "o"), is: ["old"])
    try expect(offered("release", ""), is: ["disk ready"])
    try expect(offered("exec", "-p", "d"), is: ["disk ready"])
    try expect(offered("exec", "-g", ""), is: ["tapes"])
    try taro.run("release", "disk ready").expect(code: 0)
    try process.finish().expect(code: 0)
    try expect(offered("stop", "")) { $0.isEmpty }
    try expect(offered("release", "")) { $0.isEmpty }
    try expect(offered("exec", "-p", ""), is: ["disk ready"])
  }

  @Test func `offers what is disabled to enable, and not what was removed`() throws {
    for job in ["kept", "gone"] { try taro.run("exec", "--id", job, "true").expect(code: 0) }
    try taro.run("disable", "kept*").expect(code: 0)
    try expect(offered("enable", ""), is: ["kept*"])
    try taro.run("history-remove", "--force", "gone").expect(code: 0)
    try expect(offered("disable", ""), is: ["kept"])
    try expect(offered("show", ""), is: ["kept"])
    try expect(offered("hist", "--state", "comp"), is: ["completed"])
  }

  @Test func `asks the ledger that the line names`() throws {
    let other = "\(taro.root)/other"
    try taro.run("exec", "--ledger", other, "--id", "there", "true").expect(code: 0)
    try expect(offered("show", "")) { $0.isEmpty }
    try expect(offered("show", "--ledger", other, ""), is: ["there"])
    try expect(offered("show", "--ledger=\(other)", ""), is: ["there"])
    try expect(offered("show", "--set", "ledger.directory=\(other)", "")) { $0.isEmpty }
  }

  @Test func `makes no ledger and says nothing where there is none, or none that can be read`()
    throws
  {
    try expect(offered("stop", "")) { $0.isEmpty }
    #expect(!Files.exists(taro.ledger.path))
    try expect(offered("show", "--ledger", "/dev/null", "")) { $0.isEmpty }
    try expect(offered("show", "--config", "/nowhere", "")) { $0.isEmpty }
  }

  @Test func `leaves out names that would break the line or be options`() throws {
    for job in ["a\nb", "a\u{1b}[31m", "--force", "a" + String(repeating: "x", count: 300), "a b"] {
      try taro.run("exec", "--id=\(job)", "true").expect(code: 0)
    }
    try expect(offered("show", ""), is: ["a b"])
  }

  /// Each name of an argument is its own only if the parser finds its function by it.
  @Test func `every argument of every command can be asked`() throws {
    try check(Taro.description.tree, [])
  }

  private func check(_ command: CommandTree, _ path: [String]) throws {
    for argument in command.arguments where argument.kind == .option {
      guard case .found = argument.values, path != ["exec"] || argument.names != ["--dry-run"]
      else { continue }
      for name in argument.names { _ = try offered(path + [name, ""]) }
    }
    for subcommand in command.subcommands { try check(subcommand, path + [subcommand.name]) }
  }
}
