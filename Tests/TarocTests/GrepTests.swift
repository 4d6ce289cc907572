import Events
import TestSupport
import Testing

@testable import taroc

/// What all runs have printed, on many hosts.
@Suite(
  "taroc grep", .temporaryDirectory,
  .enabled(if: TestHost.hasSSHServer, "needs what Tests/unpacked.sh unpacks"))
struct GrepTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func fleet() throws -> SSHHosts {
    let hosts = try SSHHosts(taro, ["web1", "web2"])
    try hosts.configure(["web1", "web2"])
    for host in ["web1", "web2"] {
      try taro.run(
        "exec", "--ledger", hosts.ledger(host), "--id", "a", "sh", "-c",
        "echo zero; echo 'one 12 34'; echo two; printf 'x\\033[2J\\tone \(host)\\n' >&2"
      ).expect(code: 0)
    }
    return hosts
  }

  private func grep(_ hosts: SSHHosts, _ words: String...) throws -> TaroResult {
    try hosts.taroc(["grep"] + words).finish()
  }

  @Test func `shows each line behind its host and its run`() throws {
    let hosts = try fleet()
    let lines = try grep(hosts, "one").expect(code: 0, stderr: "").lines
    let instance = try taro.run("hist", "--ledger", hosts.ledger("web1"), "-f", "jsonl").lines.at(0)
    let id = try #require(JSON(parsing: instance)["instance"]?.string)
    let ofOne = lines.filter { $0.hasPrefix("web1 a@\(id) ") }
    expect(lines.count, is: 4)
    expect(ofOne.count, is: 2)
    // As the ledger's own command does, but for the host.
    let local = try taro.run("grep", "--ledger", hosts.ledger("web1"), "one").expect(code: 0).lines
    expect(ofOne.map { String($0.dropFirst(5)) }, is: local)
    try grep(hosts, "-H", "web1", "-c", "one").expect(
      code: 0, stdout: "web1 a@\(id): 2\n", stderr: "")
    try grep(hosts, "-H", "web1", "-l", "one").expect(
      code: 0, stdout: "web1 a@\(id)\n", stderr: "")
    let matches = try grep(hosts, "-H", "web1", "-o", " [0-9]+", "--stdout").expect(code: 0)
    expect(matches.lines.map(found), is: ["stdout: 12", "stdout: 34"])
    let around = try grep(hosts, "-g", "every", "-x", "web2", "-C1", "one", "-m", "1")
      .expect(code: 0)
    expect(around.lines.map(found), is: ["stdout- zero", "stdout: one 12 34", "stdout- two"])
  }

  /// The words of a line behind host, run and time.
  private func found(_ line: String) -> String {
    line.split(separator: " ").dropFirst(4).joined(separator: " ")
  }

  @Test func `gives documents with the host`() throws {
    let hosts = try fleet()
    let lines = try grep(hosts, "-f", "jsonl", "one").expect(code: 0, stderr: "").lines
    let documents = try lines.map { try JSON(parsing: $0) }
    expect(Set(documents.map { $0["host"]?.string }), is: ["web1", "web2"])
    for document in documents {
      let members = (document.members ?? []).filter { $0.key != "host" }
      var contract = try JSONContract("The hit document")
      expect(contract.check(.object(members)), is: [])
    }
    let counts = try grep(hosts, "-f", "jsonl", "-c", "o", "--failed").expect(code: 1, stdout: "")
    expect(counts.stderr, is: "")
    let all = try grep(hosts, "-f", "jsonl", "-l", "o", "-H", "web2").expect(code: 0).lines
    try expect(JSON(parsing: all.at(0))) { $0["host"] == "web2" && $0["lines"] == .null }
  }

  @Test func `ends as grep does, with 2 where somebody could not be asked`() throws {
    let hosts = try fleet()
    try hosts.prepend("Host dead\n  HostName \(hosts.address)\n  Port \(hosts.deadPort)")
    try grep(hosts, "nothing").expect(code: 1, stdout: "", stderr: "")
    try grep(hosts, "one", "nosuch*").expect(code: 1, stdout: "", stderr: "")
    let some = try grep(hosts, "-H", "dead", "-H", "web1", "one").expect(code: 2)
    expect(some.lines.count, is: 2)
    expect(some.stderr) { $0.hasPrefix("taroc: dead: connect: ") }
    try grep(hosts, "-H", "dead", "one").expect(code: 2, stdout: "")
    let expression = try grep(hosts, "-H", "web1", "(").expect(code: 2, stdout: "")
    expect(expression.stderr) { $0.contains("missing closing parenthesis") }
    try taro.run(
      "exec", "--ledger", hosts.ledger("web2"), "--id", "b", "sh", "-c",
      "head -c 100000 /dev/zero | tr '\\0' a; echo b"
    ).expect(code: 0)
    let slow = try grep(hosts, "-H", "web2", "(a+)+$").expect(code: 2)
    expect(slow.stderr) { $0.hasPrefix("taroc: web2: b@") && $0.contains("takes too long") }
    for words in [["one", "-c", "-l"], ["one", "-A", "-1"], [], ["one", "--config", ""]] {
      try hosts.taroc(["grep"] + words).finish().expect(code: 64, stdout: "")
    }
  }

  @Test func `lets no host steer a terminal, and marks what was found`() throws {
    let hosts = try fleet()
    let result = try hosts.taroc("grep", "-H", "web1", "--stderr", "one") {
      $0.wrapper = ["/bin/sh", "-c", "exec script -qec \"$*\" /dev/null", "sh"]
    }.finish().expect(code: 0)
    expect(result.text) {
      $0.contains(" stderr: x\\u{1b}[2J\t\u{1b}[1;91mone\u{1b}[0m web1")
    }
  }

  @Test func `looks for the places of what was found in order`() {
    func places(_ matches: [String], _ line: String) -> [Range<Int>] {
      FoundPrinter.places(of: matches, in: Array(line.utf8))
    }
    #expect(places(["a", "a", "b"], "xa b a b") == [1..<2, 5..<6, 7..<8])
    #expect(places(["a", "", "c", "b"], "a b") == [0..<1])
    #expect(places([], "a").isEmpty)
  }
}
