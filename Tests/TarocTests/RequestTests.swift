import Events
import TestSupport
import Testing

/// What is asked of jobs on many hosts, and what is run there.
@Suite(
  .temporaryDirectory, .enabled(if: TestHost.hasSSHServer, "needs what Tests/unpacked.sh unpacks"))
struct RequestTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func start(_ hosts: SSHHosts, _ host: String, _ id: String) throws -> TaroProcess {
    let job = try taro.start(
      "exec", "--ledger", hosts.ledger(host), "--id", id, "sh", "-c", "echo up; exec sleep 1000")
    try expect(job.readLine(), is: "up")
    return job
  }

  @Test func `stop shows what it would stop, asks once, and is recorded as come by ssh`() throws {
    let hosts = try SSHHosts(taro, ["web1", "web2"])
    try hosts.configure(["web1", "web2"])
    let jobs = [try start(hosts, "web1", "nightly"), try start(hosts, "web2", "nightly")]
    let asked = try hosts.taroc("stop", "nightly").finish().expect(code: 64)
    #expect(asked.lines.count == 4 && asked.text.contains(" web2   nightly "), "\(asked)")
    #expect(asked.stderr == "taroc: nobody here to ask; use --force to do it without asking\n")
    let stopped = try hosts.taroc("stop", "--force", "--wait", "60s", "nightly").finish()
      .expect(code: 0, stderr: "")
    #expect(stopped.lines.count >= 2 && stopped.text.contains("-> stop requested"), "\(stopped)")
    for job in jobs { _ = try job.finish() }
    let shown = try taro.run("show", "--ledger", hosts.ledger("web1"), "nightly", "-f", "json")
    let request = try #require(JSON(parsing: shown.text)["requests"]?.array?.first)
    #expect(request["via"]?.string == "ssh")
    #expect(request["address"]?.string?.hasPrefix("127.") == true, "\(request)")
    try hosts.taroc("stop", "--force", "nightly").finish().expect(code: 1, stdout: "")
  }

  @Test func `stop has a reason, and kills who does not end`() throws {
    let hosts = try SSHHosts(taro, ["web1"])
    try hosts.configure(["web1"])
    let job = try taro.start(
      "exec", "--ledger", hosts.ledger("web1"), "--id", "deaf", "sh", "-c",
      "trap '' TERM; echo up; while :; do sleep 1; done")
    try expect(job.readLine(), is: "up")
    try hosts.taroc("stop", "--force", "--kill", "--kill-after", "1s", "deaf").finish()
      .expect(code: 64)
    try hosts.taroc("stop", "--force", "--kill-after", "10ms", "--reason", "it's full", "deaf")
      .finish().expect(code: 0, stderr: "")
    _ = try job.finish()
    let shown = try taro.run("show", "--ledger", hosts.ledger("web1"), "deaf", "-f", "json")
    let requests = try #require(JSON(parsing: shown.text)["requests"]?.array)
    expect(requests.first?["reason"]?.string, is: "it's full")
    #expect(requests.count == 2, "\(requests)")
  }

  @Test func `output has times, and what is run again another environment`() throws {
    let hosts = try SSHHosts(taro, ["web1"])
    try hosts.configure(["web1"])
    let alone = try hosts.taroc(
      "exec", "-H", "web1", "--", "--id", "a", "sh", "-c", "echo ${LEVEL-none}; exit 7"
    ).finish().expect(code: 1, stdout: "none\n")
    expect(alone.errorLines.last, is: "taroc: web1: exit code 7")
    try hosts.taroc("rerun", "-H", "web1", "--env", "LEVEL=it's full", "a").finish()
      .expect(code: 1, stdout: "it's full\n")
    try hosts.taroc("rerun", "-H", "web1", "--env", "LEVEL", "a").finish().expect(code: 64)
    for command in ["output", "tail"] {
      let found = try hosts.taroc(command, "--timestamps", "a").finish().expect(code: 0, stderr: "")
      #expect(
        found.text.contains(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} .*it's full\n$/), "\(found)")
    }
  }

  @Test func `signals, pauses and latches reach the hosts where something runs`() throws {
    let hosts = try SSHHosts(taro, ["web1", "web2"])
    try hosts.configure(["web1", "web2"])
    let job = try start(hosts, "web1", "a *")
    try hosts.taroc("pause", "--force", "a *").finish().expect(code: 0)
    try hosts.taroc("resume", "--force", "--reason", "it's on", "a *").finish().expect(code: 0)
    try hosts.taroc("signal", "--force", "a *", "TERM").finish().expect(code: 0)
    _ = try job.finish()
    let waiting = try taro.start(
      "exec", "--ledger", hosts.ledger("web2"), "--id", "b", "--pending", "it's mounted", "true")
    try eventually("it waits") {
      try hosts.taroc("release", "--force", "it's mounted").finish().code == 0
    }
    #expect(try waiting.finish().code == 0)
  }

  @Test func `disable and enable are made on each host`() throws {
    let hosts = try SSHHosts(taro, ["web1", "web2"])
    try hosts.configure(["web1", "web2"])
    try hosts.taroc("disable", "--force", "x'*", "--until", "2h", "--reason", "$(why) 'it'")
      .finish()
      .expect(code: 0, stderr: "")
    let list = try hosts.taroc("list-disabled", "-f", "json").finish().expect(code: 0)
    let rows = try #require(JSON(parsing: list.text)["disabled"]?.array)
    #expect(rows.count == 2)
    for row in rows {
      #expect(row["pattern"]?.string == "x'*" && row["reason"]?.string == "$(why) 'it'")
      #expect(row["via"]?.string == "ssh")
    }
    try hosts.taroc("enable", "--force", "-H", "web1", "x'*").finish().expect(code: 0)
    try hosts.taroc("enable", "--force", "x'*").finish().expect(code: 1)
  }

  @Test func `exec runs on each named host, and tells how each ended`() throws {
    let hosts = try SSHHosts(taro, ["web1", "web2"])
    try hosts.configure(["web1", "web2"])
    let words = ["a b", "it's", "$(id)", "--", "-x", "", "\u{e4}\n2"]
    let good = try hosts.taroc(["exec", "--all", "--", "--id", "p", "printf", "[%s]"] + words)
      .finish()
      .expect(code: 0, stderr: "taroc: 2 of 2 ended with 0\n")
    let printed = words.map { "[\($0)]" }.joined().split(separator: "\n")
    let wanted = ["web1", "web2"].flatMap { host in printed.map { "\(host) \($0)" } }
    #expect(good.lines.sorted() == wanted.sorted(), "\(good)")
    let mixed = try hosts.taroc(
      "exec", "--gather", "-g", "every", "sh", "-c",
      "echo 1; echo 2 >&2; case $TARO_LEDGER in *) exit 3;; esac"
    ).finish().expect(code: 1)
    #expect(mixed.stderr.contains("web1: exit code 3; web2: exit code 3"), "\(mixed)")
    #expect(mixed.errorLines.contains("web1 2"))
    let history = try taro.run("hist", "--ledger", hosts.ledger("web1"), "-f", "jsonl")
    #expect(history.lines.count == 2)
    try hosts.taroc("rerun", "-H", "web1", "p").finish().expect(code: 0)
  }

  @Test func `show, why and hostinfo tell of each host, and of none is 1`() throws {
    let hosts = try SSHHosts(taro, ["web1", "web2"])
    try hosts.configure(["web1", "web2"])
    for host in ["web1", "web2"] {
      try taro.run("exec", "--ledger", hosts.ledger(host), "--id", "a", "false").expect(code: 1)
    }
    let shown = try hosts.taroc("show", "a", "-f", "json").finish().expect(code: 0, stderr: "")
    let found = try #require(JSON(parsing: shown.text)["instances"]?.array)
    #expect(found.map { $0["host"]?.string } == ["web1", "web2"])
    let text = try hosts.taroc("show", "a").finish().expect(code: 0)
    #expect(text.text.contains("web2: a@") && text.text.contains("  FAILED\n"), "\(text)")
    let why = try hosts.taroc("why", "a").finish().expect(code: 0)
    #expect(why.lines.count == 2 && why.text.contains(": exit code 1.\n"), "\(why)")
    try hosts.taroc("hostinfo", "-H", "web1").finish().expect(code: 0, stderr: "")
    let none = try hosts.taroc("show", "nosuch").finish().expect(code: 1, stdout: "")
    #expect(none.errorLines.count == 2, "\(none)")
  }
}
