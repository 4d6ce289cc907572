internal import Ledger
import TestSupport
import Testing

@Suite("Wrong use", .temporaryDirectory)
struct UsageTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  @Test(arguments: [
    (["ps", "-f", "xml"], "'table', 'json'"), (["hist", "-n", "0"], "1 or more"),
    (["hist", "-n", "x"], "-n"), (["ps", "--nonsense"], "--nonsense"),
    (["hist", "-n", "-1"], "-n"), (["tail", "-n", "-1"], "-n"),
    (["show", "-n", "-5", "x"], "-n"),
    (["wait", "-c", "0"], "1 or more"), (["wait", "-t", "soon"], "--timeout"),
    (["listen", "--since", "whenever"], "--since"), (["stop", "--wait", "x", "y"], "--wait"),
    (["show"], "instance"), (["output"], "instance"), (["nonsense"], "nonsense"),
    (["listen", "-f", "json"], "'text' and 'jsonl'"),
    (["show", "x", "-f", "table"], "'text' and 'json'"),
  ])
  func `refuse what they do not understand, and say what they would`(
    arguments: [String], word: String
  ) throws {
    let result = try taro.runAll(arguments).expect(code: 64, stdout: "")
    #expect(result.stderr.contains(word), "\(result)")
    #expect(!Files.exists(taro.ledger.path), "a wrong option makes no ledger")
    result.expectOneLine(about: word)
  }

  @Test(
    arguments: [
      (["hsit"], "did you mean taro hist?"),
      (["histroy", "-n", "1"], "did you mean taro history?"),
      (["ledger", "verfy"], "\"ledger verfy\"; did you mean taro ledger verify?"),
      (["logs", "backup"], "taro output"),
      (["list"], "taro ps"), (["status"], "taro ps"), (["kill", "x"], "taro stop"),
      (["run", "x"], "taro exec"),
      (["xyzzyx"], "taro --help"), (["ledger", "xyzzyx"], "taro ledger --help"),
      (["help", "nope"], "there is no command \"nope\""),
      (["help", "ledger", "nope"], "taro ledger --help"),
      (["a\u{1b}[2J"], "\\u{1b}"),
    ] as [([String], String)])
  func `a command that there is not is told from the one that was meant`(
    arguments: [String], remedy: String
  ) throws {
    try taro.runAll(arguments).expect(code: 64, stdout: "").expectOneLine(
      about: remedy, "there is no command")
  }

  @Test(arguments: [
    ["hist", "--user", "root"], ["exec", "--nonsense", "true"], ["exec", "--timout", "5", "true"],
    ["ps", "--columns"],
    ["show"], ["ledger"], ["disable"], ["wait", "-c", "0"], ["exec"], ["hist", "--columns", "x"],
  ])
  func `what is wrong is one line that begins with the program's name`(arguments: [String]) throws {
    let result = try taro.runAll(arguments)
    guard result.code != 0 else { return }
    result.expect(code: 64, stdout: "").expectOneLine(about: "taro: ")
  }
}
