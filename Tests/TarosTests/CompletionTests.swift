import CommandLineKit
import Events
import Ledger
import TestSupport
import Testing

@testable import taros

/// What the server's program offers to a shell.
@Suite(.temporaryDirectory) struct CompletionTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func answer(_ words: [String]) throws -> [String] {
    try taro.start(program: "taros", ["---complete", "zsh"] + words) { _ in }.finish()
      .expect(code: 0, stderr: "").text
      .split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  /// The words without their notes.
  private func offered(_ words: String...) throws -> [String] {
    let lines = try answer(words)
    #expect(lines.first == "words")
    return lines.dropFirst().map { String($0.prefix { $0 != "\t" }) }
  }

  @Test func `offers commands, and the options of the one that is meant without a name`() throws {
    try expect(offered(""), is: ["start", "token"])
    try expect(offered("token", ""), is: ["add", "list", "revoke"])
    try expect(offered("--po"), is: ["--port"])
    try expect(offered("--port", "80", "--bi"), is: ["--bind"])
    try expect(offered("--port", "80", "t")) { $0.isEmpty }
    try expect(offered("start", "--pr"), is: ["--print-config"])
    try expect(offered("help", "token", "r"), is: ["revoke"])
  }

  @Test func `offers values from what is declared`() throws {
    try expect(offered("token", "add", "x", "--scope", ""), is: ["read", "control"])
    try expect(
      offered("--set", "limits.b"), is: ["limits.body=", "limits.body_time=", "limits.burst="])
    try expect(offered("start", "--set", "output.")) { $0.isEmpty }
    try expect(offered("token", "list", "-f", "j"), is: ["json", "jsonl"])
    try expect(answer(["--socket", ""]), is: ["files", ""])
    try expect(answer(["--ledger", ""]), is: ["directories", ""])
  }

  @Test func `offers the tokens of the ledger that is named, and makes none`() throws {
    try expect(offered("token", "revoke", "")) { $0.isEmpty }
    #expect(!Files.exists(taro.ledger.path))
    try taro.run("exec", "true").expect(code: 0)
    for (name, scope) in [("ops", "control"), ("page", "read")] {
      _ = try TarosProgram.token(taro, name, scope)
    }
    try expect(answer(["token", "revoke", ""]), is: ["words", "ops\tcontrol", "page\tread"])
    try expect(offered("token", "revoke", "p"), is: ["page"])
    try expect(offered("token", "revoke", "--ledger", "\(taro.root)/other", "")) { $0.isEmpty }
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `the script of each shell is about this program alone`(shell: String) throws {
    let result = try taro.start(program: "taros", ["--generate-completion-script", shell]) { _ in }
      .finish().expect(code: 0, stderr: "")
    #expect(result.text.contains("taros"))
    #expect(!result.text.contains("PROGRAM"))
    #expect(result.text.firstMatch(of: /\btaro\b/) == nil)
  }

  @Test func `bash completes with it`() throws {
    let directory = taro.path.dropLast("/taro".count)
    try taro.shell(
      #"""
      exec bash -c 'source <(taros --generate-completion-script bash)
        COMP_WORDS=(taros tok) COMP_CWORD=1 COMP_LINE="taros tok" COMP_POINT=9
        _taros taros tok taros
        echo "${COMPREPLY[@]}"'
      """#
    ) { $0.environment["PATH"] = "\(directory):/usr/bin:/bin" }
    .expect(code: 0, stdout: "token\n", stderr: "")
  }
}
