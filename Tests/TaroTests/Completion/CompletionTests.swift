import Ledger
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
    #expect(try offered("ex") == ["exec"])
    #expect(try offered("config", "c") == ["create", "check"])
    #expect(try offered("help", "config", "p") == ["path"])
    #expect(try offered("nonsense", "").isEmpty)
  }

  @Test func `offers options, those that may be given once only once`() throws {
    #expect(try offered("stop", "--f") == ["--force"])
    #expect(try offered("stop", "--force", "--f").isEmpty)
    #expect(try offered("exec", "--env", "A=b", "--en") == ["--env"])
    #expect(try offered("exec", "--dry") == ["--dry-run", "--dry-run="])
  }

  @Test func `offers values from what is declared`() throws {
    #expect(try offered("hist", "-f", "j") == ["json", "jsonl"])
    #expect(try offered("hist", "--format=j") == ["--format=json", "--format=jsonl"])
    #expect(try offered("exec", "--output-overflow", "") == ["wait", "drop"])
    #expect(try offered("exec", "--dry-run=st") == ["--dry-run=stopped", "--dry-run=start_failed"])
    #expect(try offered("wait", "-s", "failed", "lo") == ["lost"])
    #expect(try offered("signal", "x", "HU") == ["HUP"])
    #expect(try offered("exec", "--set", "output.d") == ["output.drain="])
    #expect(try offered("exec", "--set", "log.mode=o").isEmpty)
  }

  @Test func `tells the shell where files, directories and another command come`() throws {
    #expect(try answer("exec", "--cwd", "") == ["directories", ""])
    #expect(try answer("ps", "--config=x") == ["files", "--config="])
    #expect(try answer("ps", "-C", "") == ["files", ""])
    #expect(try answer("exec", "") == ["command", "1"])
    #expect(try answer("exec", "--id", "x", "-b", "tar", "--f") == ["command", "4"])
    #expect(try answer("exec", "--dry-run", "tar") == ["command", "2"])
    #expect(try answer("exec", "--", "-x") == ["command", "2"])
  }

  @Test func `offers live jobs to what needs them, and all to what looks back`() throws {
    try taro.run("exec", "--id", "old", "true").expect(code: 0)
    let process = try waiting("backup", latch: "disk ready")
    let instance = try #require(try taro.events(ofJob: "backup").last?.instance?.text)
    #expect(try offered("stop", "") == ["backup"])
    #expect(try offered("tail", "") == ["backup"])
    #expect(try offered("stop", "backup@") == ["backup@\(instance)"])
    #expect(try offered("stop", String(instance.prefix(4))).contains(instance))
    #expect(try offered("exec", "--after", "b") == ["backup"])
    #expect(try offered("show", "") == ["backup", "old"])
    #expect(try offered("hist", "o") == ["old"])
    #expect(try offered("exec", "--id", "o") == ["old"])
    #expect(try offered("release", "") == ["disk ready"])
    #expect(try offered("exec", "-p", "d") == ["disk ready"])
    #expect(try offered("exec", "-g", "") == ["tapes"])
    try taro.run("release", "disk ready").expect(code: 0)
    try process.finish().expect(code: 0)
    #expect(try offered("stop", "").isEmpty)
    #expect(try offered("release", "").isEmpty)
    #expect(try offered("exec", "-p", "") == ["disk ready"])
  }

  @Test func `offers what is disabled to enable, and not what was removed`() throws {
    for job in ["kept", "gone"] { try taro.run("exec", "--id", job, "true").expect(code: 0) }
    try taro.run("disable", "kept*").expect(code: 0)
    #expect(try offered("enable", "") == ["kept*"])
    try taro.run("history-remove", "--force", "gone").expect(code: 0)
    #expect(try offered("disable", "") == ["kept"])
    #expect(try offered("show", "") == ["kept"])
    #expect(try offered("hist", "--state", "comp") == ["completed"])
  }

  @Test func `asks the ledger that the line names`() throws {
    let other = "\(taro.root)/other"
    try taro.run("exec", "--ledger", other, "--id", "there", "true").expect(code: 0)
    #expect(try offered("show", "").isEmpty)
    #expect(try offered("show", "--ledger", other, "") == ["there"])
    #expect(try offered("show", "--ledger=\(other)", "") == ["there"])
    #expect(try offered("show", "--set", "ledger.directory=\(other)", "").isEmpty)
  }

  @Test func `makes no ledger and says nothing where there is none, or none that can be read`()
    throws
  {
    #expect(try offered("stop", "").isEmpty)
    #expect(!Files.exists(taro.ledger.path))
    #expect(try offered("show", "--ledger", "/dev/null", "").isEmpty)
    #expect(try offered("show", "--config", "/nowhere", "").isEmpty)
  }

  @Test func `leaves out names that would break the line or be options`() throws {
    for job in ["a\nb", "a\u{1b}[31m", "--force", "a" + String(repeating: "x", count: 300), "a b"] {
      try taro.run("exec", "--id=\(job)", "true").expect(code: 0)
    }
    #expect(try offered("show", "") == ["a b"])
  }

  /// Each name of an argument is its own only if the parser finds its function by it.
  @Test func `every argument of every command can be asked`() throws {
    try check(.program, [])
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
