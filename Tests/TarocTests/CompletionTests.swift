import CommandLineKit
import TestSupport
import Testing

@testable import taroc

/// What the client offers to a shell. No host is asked for it.
@Suite(.temporaryDirectory) struct CompletionTests {
  private let taro: TaroProgram

  init() throws {
    taro = try TaroProgram()
    let folder = "\(taro.root)/home/.config/taroc"
    try taro.shell("mkdir -p '\(folder)'").expect(code: 0)
    let text = """
      hosts: {web1: {}, web2: {address: 10.0.0.2}, db: {url: "https://db:8000"}}
      groups: {web: [web1, web2], one: [db]}
      """
    try Files.write(Array(text.utf8), to: "\(folder)/hosts.yaml")
  }

  private func answer(_ words: String...) throws -> [String] {
    try taro.start(program: "taroc", ["---complete", "zsh"] + words) { _ in }.finish()
      .expect(code: 0, stderr: "").text
      .split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  @Test func `offers commands, hosts and groups`() throws {
    try expect(
      answer("li"),
      is: [
        "words", "listen\tPrint what happens on each host, as it happens.",
        "list-disabled\tShow which jobs are kept from running on each host.",
      ])
    try expect(
      answer("ps", "-H", "w"), is: ["words", "web1\tweb1", "web2\t10.0.0.2"])
    try expect(answer("ps", "-H", "d"), is: ["words", "db\thttps://db:8000"])
    try expect(answer("hist", "-g", ""), is: ["words", "web\t2 hosts", "one\t1 host"])
    try expect(answer("install", "web"), is: ["words", "web1\tweb1", "web2\t10.0.0.2"])
    try expect(answer("ps", "-C", "/no/such", "-H", ""), is: ["words"])
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `the script of each shell is about this program alone`(shell: String) throws {
    let result = try taro.start(program: "taroc", ["--generate-completion-script", shell]) { _ in }
      .finish().expect(code: 0, stderr: "")
    #expect(result.text.contains("taroc"))
    #expect(!result.text.contains("PROGRAM"))
    #expect(result.text.firstMatch(of: /\btaros?\b/) == nil)
  }
}
