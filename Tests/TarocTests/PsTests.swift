import Events
import Linux
import TestSupport
import Testing

/// What many hosts answer, as one.
@Suite(
  .temporaryDirectory, .enabled(if: TestHost.hasSSHServer, "needs what Tests/unpacked.sh unpacks"))
struct PsTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func record(_ hosts: SSHHosts, _ host: String, _ words: String...) throws {
    let all = ["exec", "--ledger", hosts.ledger(host)] + words
    _ = try taro.start(bytes: all.map { Array($0.utf8) }).finish()
  }

  @Test func `hist shows the runs of all hosts, and with -n the newest of all`() throws {
    let hosts = try SSHHosts(taro, ["web1", "web2"])
    try hosts.configure(["web1", "web2"])
    for index in 1...3 {
      try record(hosts, "web1", "--id", "a\(index)", "true")
      try record(hosts, "web2", "--id", "b\(index)", "false")
    }
    let all = try hosts.taroc("hist", "-f", "jsonl").finish().expect(code: 0, stderr: "").lines
    let documents = try all.map { try JSON(parsing: $0) }
    #expect(documents.count == 6)
    let ofOne = documents.filter { $0["host"]?.string == "web1" }
    let jobs: [String] = ofOne.compactMap { $0["job"]?.string }
    #expect(jobs == ["a3", "a2", "a1"])
    #expect(documents.allSatisfy { $0["recorded_host"]?.string == Host.name() })
    let newest = try hosts.taroc("hist", "-n", "3", "-f", "jsonl").finish().expect(code: 0)
    try expect(newest.lines.map { try JSON(parsing: $0)["job"]?.string }, is: ["b3", "a3", "b2"])
    let table = try hosts.taroc("hist", "-n", "2", "--asc").finish().expect(code: 0)
    #expect(table.lines.first?.hasPrefix(" HOST   JOB ID   INSTANCE ID") == true, "\(table)")
    #expect(table.lines.dropFirst(2).map { $0.prefix(13) } == [" web1   a1   ", " web2   b1   "])
    let failed = try hosts.taroc("hist", "--failed", "-f", "json").finish().expect(code: 0)
    try expect(JSON(parsing: failed.text)["instances"]?.array?.count, is: 3)
  }

  @Test func `ps shows what runs, and stats and list-disabled are per host`() throws {
    let hosts = try SSHHosts(taro, ["web1", "web2"])
    try hosts.configure(["web1", "web2"])
    let job = try taro.start("exec", "--ledger", hosts.ledger("web2"), "--id", "nightly", "cat") {
      $0.stdin = .pipe
    }
    try eventually("it runs") {
      try hosts.taroc("ps", "-f", "jsonl").finish().expect(code: 0, stderr: "").lines.count == 1
    }
    let shown = try hosts.taroc("ps").finish().expect(code: 0, stderr: "")
    #expect(shown.lines.count == 3 && shown.text.contains(" web2   nightly "), "\(shown)")
    try hosts.taroc("ps", "-H", "web1").finish().expect(code: 0, stderr: "")
    job.closeInput()
    _ = try job.finish()
    let figures = try hosts.taroc("stats", "-f", "jsonl").finish().expect(code: 0, stderr: "")
    try expect(figures.lines.map { try JSON(parsing: $0)["host"]?.string }, is: ["web2"])
    try taro.run("disable", "--ledger", hosts.ledger("web1"), "x*").expect(code: 0)
    let disabled = try hosts.taroc("list-disabled", "-f", "jsonl").finish().expect(code: 0)
    let document = try JSON(parsing: disabled.text)
    #expect(document["host"] == "web1" && document["pattern"] == "x*")
  }

  @Test func `fifty hosts answer, and those that do not hide nobody`() throws {
    let good = (1...44).map { "h\($0)" }
    let hosts = try SSHHosts(
      taro, good,
      others: [
        .init("slow", command: "sleep 0.5; exec sh -c \"$SSH_ORIGINAL_COMMAND\""),
        .init("garbage", command: "head -c 1000000 /dev/urandom"),
        .init(
          "binary",
          command: "sh -c \"$SSH_ORIGINAL_COMMAND\" >/dev/null; printf '\\000\\033[2J\\n'"),
        .init("endless", command: "sh -c \"$SSH_ORIGINAL_COMMAND\" | cat - /dev/zero"),
        .init("frozen", command: "while echo; do sleep 0.2; done"),
      ])
    let others = ["slow", "garbage", "binary", "endless", "frozen"]
    try hosts.configure(good + others + ["dead"])
    try hosts.prepend("Host dead\n  HostName \(hosts.address)\n  Port \(hosts.deadPort)")
    for name in good + ["slow"] where name.hasSuffix("1") || name == "slow" {
      try record(hosts, name, "--id", "on-\(name)", "true")
    }
    let result = try hosts.taroc("hist", "-f", "jsonl", "--timeout", "20s").finish().expect(code: 1)
    let found = try result.lines.compactMap { try JSON(parsing: $0)["host"]?.string }
    #expect(Set(found) == ["h1", "h11", "h21", "h31", "h41", "slow"], "\(result)")
    for (host, step) in [
      ("garbage", "answer"), ("binary", "answer"), ("endless", "answer"), ("frozen", "timeout"),
      ("dead", "connect"),
    ] {
      #expect(result.errorLines.contains { $0.hasPrefix("taroc: \(host): \(step): ") }, "\(result)")
    }
    #expect(result.stderr.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 })
  }

  @Test func `none that answers is 2`() throws {
    let hosts = try SSHHosts(taro, ["web1"])
    try hosts.prepend("Host dead\n  HostName \(hosts.address)\n  Port \(hosts.deadPort)")
    let result = try hosts.taroc("ps", "-H", "dead").finish().expect(code: 2)
    #expect(result.errorLines.count == 1, "\(result)")
  }
}
