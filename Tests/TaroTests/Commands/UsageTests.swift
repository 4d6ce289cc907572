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
  }
}
