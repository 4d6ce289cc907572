import Events
import Glibc
import TestSupport
import Testing

/// The same questions and requests, whether a host is reached by ssh or through its server.
@Suite(
  .temporaryDirectory, .enabled(if: TestHost.hasSSHServer, "needs what Tests/unpacked.sh unpacks"),
  .enabled(if: TestHost.hasCurl, "needs curl"))
struct EitherWayTests {
  enum Way: String, CaseIterable, Sendable { case ssh, rest }

  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  /// One host, `edge`, whose ledger is the test's.
  private final class Edge {
    private let taro: TaroProgram
    private let hosts: SSHHosts?
    private var server: TarosProgram?

    init(_ taro: TaroProgram, _ way: Way) throws {
      self.taro = taro
      let folder = "\(taro.root)/home/.config/taroc"
      try taro.shell("mkdir -p '\(folder)'").expect(code: 0)
      var host = "{}"
      switch way {
      case .ssh: hosts = try SSHHosts(taro, ["edge"])
      case .rest:
        hosts = nil
        let server = try TarosProgram(taro)
        host = "{url: \"http://127.0.0.1:\(server.port)\"}"
        self.server = server
      }
      try Files.write(Array("hosts: {edge: \(host)}".utf8), to: "\(folder)/hosts.yaml")
    }

    func start(_ words: [String]) throws -> TaroProcess {
      guard let hosts else { return try taro.start(program: "taroc", words) { _ in } }
      return try hosts.taroc(words)
    }

    func run(_ words: String...) throws -> TaroResult { try start(words).finish() }

    /// Breaks the connections. A server is another one then, at the same address.
    func breakConnections() throws {
      hosts?.cut()
      guard let old = server else { return }
      old.process.signal(SIGKILL)
      _ = try old.process.finish()
      server = try TarosProgram(taro, address: "127.0.0.1:\(old.port)")
    }
  }

  private func job(_ id: String) throws -> TaroProcess {
    let job = try taro.start("exec", "--id", id, "sh", "-c", "echo up; exec sleep 1000")
    try expect(job.readLine(), is: "up")
    return job
  }

  /// The ways by which something was asked of a job, by its record.
  private func requests(_ job: String) throws -> [String] {
    let shown = try taro.run("show", job, "-f", "json").expect(code: 0)
    return try JSON(parsing: shown.text)["requests"]?.array?.compactMap { $0["via"]?.string } ?? []
  }

  @Test(arguments: Way.allCases)
  func `hosts says which version answers`(way: Way) throws {
    try taro.run("exec", "true").expect(code: 0)
    let edge = try Edge(taro, way)
    let found = try edge.run("hosts", "--check", "-f", "jsonl").expect(code: 0, stderr: "")
    let host = try JSON(parsing: found.lines.at(0))
    #expect(host["version"] == "0.1.0" && host["protocol"]?.integer == 1, "\(host)")
  }

  @Test(arguments: Way.allCases)
  func `hist narrows what it tells by each of its filters`(way: Way) throws {
    try taro.run("exec", "--id", "a", "--param", "tape=4", "sh", "-c", "echo odd; exit 3")
      .expect(code: 3)
    try taro.run("exec", "--id", "b", "-g", "two words", "-m", "1", "true").expect(code: 0)
    let edge = try Edge(taro, way)
    let user = try taro.shell("id -un").lines.at(0)
    for (words, jobs) in [
      (["--reason", "exit code 3"], ["a"]), (["--reason", "ODD"], ["a"]),
      (["--exit-code", "0,7"], ["b"]),
      (["--param", "tape=4"], ["a"]), (["--execution-group", "two words"], ["b"]),
      (["--user", user], ["a", "b"]), (["--user", "no body"], []), (["--longer", "1h"], []),
    ] {
      let result = try edge.start(["hist", "-f", "jsonl"] + words).finish().expect(code: 0)
      let found = try result.lines.map { try JSON(parsing: $0)["job"]?.string ?? "" }
      expect(found.sorted(), is: jobs, "\(words)")
    }
  }

  @Test(arguments: Way.allCases)
  func `questions have the answer of an earlier moment`(way: Way) throws {
    try taro.run("exec", "--id", "a", "echo", "first").expect(code: 0)
    let events = try taro.events()
    let first = try #require(events.last).seq.number
    let begun = try #require(events.first { $0.kind == .state(.running) }).seq.number
    try taro.run("exec", "--id", "a", "sh", "-c", "echo second; exit 3").expect(code: 3)
    try taro.run("disable", "b").expect(code: 0)
    let edge = try Edge(taro, way)
    func rows(_ words: String...) throws -> [JSON] {
      try edge.start(words + ["-f", "jsonl"]).finish().expect(code: 0, stderr: "").lines.map {
        try JSON(parsing: $0)
      }
    }
    let then = try rows("hist", "--as-of", "\(first)")
    expect(then.map { $0["state"]?.string }, is: ["COMPLETED"])
    try expect(rows("hist").count, is: 2)
    try expect(rows("ps", "--as-of", "\(begun)").map { $0["state"]?.string }, is: ["RUNNING"])
    try expect(rows("list-disabled", "--as-of", "\(first)").count, is: 0)
    try expect(rows("list-disabled").count, is: 1)
    let shown = try edge.run("show", "a", "--as-of", "\(first)").expect(code: 0, stderr: "")
    expect(shown.text) { $0.contains("  COMPLETED") && !$0.contains("FAILED") }
    try edge.run("why", "a", "--as-of", "\(begun)").expect(code: 0)
    for command in ["output", "tail"] {
      try edge.run(command, "a", "--as-of", "\(first)").expect(
        code: 0, stdout: "first\n", stderr: "")
    }
    try edge.run("tail", "-f", "a", "--as-of", "\(first)").expect(code: 64)
    let wrong = try edge.run("hist", "--as-of", "nope").expect(code: 64, stdout: "")
    expect(wrong.stderr) { $0.hasPrefix("taroc: --as-of \"nope\": it is not a time") }
  }

  @Test(arguments: Way.allCases)
  func `requests are made, and recorded with their way`(way: Way) throws {
    let running = try job("nightly")
    let edge = try Edge(taro, way)
    try expect(edge.run("ps", "-f", "jsonl").expect(code: 0, stderr: "").lines.count, is: 1)
    try edge.run("pause", "--force", "nightly").expect(code: 0, stderr: "")
    try edge.run("resume", "--force", "--reason", "it's on", "nightly").expect(code: 0, stderr: "")
    let shown = try edge.run("stop", "nightly").expect(code: 64)
    expect(shown.lines.count, is: 3)
    let stopped = try edge.run("stop", "--force", "--wait", "60s", "nightly")
      .expect(code: 0, stderr: "")
    expect(stopped.text) { $0.hasPrefix("edge nightly@") && $0.contains(" -> stop requested\n") }
    _ = try running.finish()
    expect(try requests("nightly"), is: Array(repeating: way.rawValue, count: 3))
    try edge.run("stop", "--force", "nightly").expect(code: 1, stdout: "")
    let killed = try job("other")
    try edge.run("signal", "--force", "other", "KILL").expect(code: 0, stderr: "")
    _ = try killed.finish()
    expect(try requests("other"), is: [way.rawValue])
    let waiting = try taro.start("exec", "--id", "b", "--pending", "it's mounted", "true")
    try eventually("it waits") {
      try edge.run("release", "--force", "it's mounted").code == 0
    }
    try waiting.finish().expect(code: 0)
  }

  @Test(arguments: Way.allCases)
  func `jobs are disabled and enabled, with a reason`(way: Way) throws {
    try taro.run("exec", "true").expect(code: 0)
    let edge = try Edge(taro, way)
    try edge.run("disable", "--force", "x'*", "--until", "2h", "--reason", "$(why) 'it'")
      .expect(code: 0, stdout: "edge Added to disabled jobs: x'*\n", stderr: "")
    let list = try edge.run("list-disabled", "-f", "json").expect(code: 0, stderr: "")
    let row = try #require(JSON(parsing: list.text)["disabled"]?.array).at(0)
    expect(row["pattern"]?.string, is: "x'*")
    expect(row["reason"]?.string, is: "$(why) 'it'")
    expect(row["via"]?.string, is: way.rawValue)
    expect(row["until"]?.string, isNot: nil)
    try edge.run("enable", "--force", "x'*")
      .expect(code: 0, stdout: "edge Removed from disabled jobs: x'*\n", stderr: "")
    try edge.run("enable", "--force", "x'*").expect(code: 1)
  }

  @Test(arguments: Way.allCases)
  func `listen tells each event once, through broken connections`(way: Way) throws {
    try taro.run("exec", "true").expect(code: 0)
    let edge = try Edge(taro, way)
    let listener = try edge.start(["listen", "-f", "jsonl", "wanted*"])
    var index = 0
    try eventually("it listens") {
      index += 1
      try taro.run("exec", "--id", "wanted-try", "true").expect(code: 0)
      return listener.hasPrinted
    }
    var seen: [Int64] = []
    func read(until id: String) throws {
      while true {
        let event = try JSON(parsing: listener.readLine())
        expect(event["host"]?.string, is: "edge")
        let job = try #require(event["job"]?.string)
        #expect(job.hasPrefix("wanted"))
        seen.append(try #require(event["seq"]?.integer))
        if job == id, event["kind"]?.string == "completed" { return }
      }
    }
    for round in 1...2 {
      try edge.breakConnections()
      try taro.run("exec", "--id", "wanted-\(round)", "true").expect(code: 0)
      try taro.run("exec", "--id", "other", "true").expect(code: 0)
      try read(until: "wanted-\(round)")
    }
    listener.signal(SIGTERM)
    try listener.finish().expect(code: 0)
    // In the ledger's order, none twice, and from the first on none is left out.
    expect(seen, is: Set(seen).sorted())
    let first = try #require(seen.first)
    let all = try taro.events()
    let wanted: [Event] = all.filter {
      $0.seq >= Seq(first) && $0.job?.hasPrefix("wanted") == true && $0.kind.state != nil
    }
    expect(seen.map { Seq($0) }, is: wanted.map { $0.seq })
  }

  @Test(arguments: Way.allCases)
  func `tail follows to the end of a run`(way: Way) throws {
    let job = try taro.start("exec", "--id", "live", "cat") { $0.stdin = .pipe }
    try job.write("one\n")
    try expect(job.readLine(), is: "one")
    let edge = try Edge(taro, way)
    try eventually("it is recorded") {
      try edge.run("tail", "-n", "1", "live").text == "one\n"
    }
    let tail = try edge.start(["tail", "-f", "live"])
    try expect(tail.readLine(), is: "one")
    try job.write("two\n")
    try expect(tail.readLine(), is: "two")
    job.closeInput()
    _ = try job.finish()
    try tail.finish().expect(code: 0, stderr: "")
    try edge.run("output", "live").expect(code: 0, stdout: "one\ntwo\n", stderr: "")
  }

  @Test(arguments: Way.allCases)
  func `grep finds the same`(way: Way) throws {
    try taro.run("exec", "--id", "a", "sh", "-c", "seq 1 30; echo 'no Space left' >&2").expect(
      code: 0)
    try taro.run("exec", "--id", "b", "echo", "7").expect(code: 0)
    let edge = try Edge(taro, way)
    for words in [
      ["7"], ["-i", "space"], ["-F", "no Space"], ["-v", "[0-9]"], ["-c", "1"], ["-l", "7"],
      ["-o", "[0-9]{2}", "-m", "2"], ["-B", "1", "-A2", "^15$"], ["7", "b", "-S", "1h ago"],
      [".", "--stderr"], ["7", "--state", "completed", "-f", "jsonl"],
    ] {
      let local = try taro.start(bytes: (["grep"] + words).map { Array($0.utf8) }).finish()
        .expect(code: 0).lines
      let far = try edge.start(["grep"] + words).finish().expect(code: 0, stderr: "").lines
      if words.last == "jsonl" {
        expect(far.map { $0.replacing("\"host\":\"edge\",", with: "") }, is: local)
      } else {
        expect(far, is: local.map { "edge \($0)" })
      }
    }
    try edge.run("grep", "nothing").expect(code: 1, stdout: "", stderr: "")
    try edge.run("grep", "(").expect(code: 2, stdout: "")
    // Damage, and what takes too long, is said alike.
    try taro.run("exec", "--id", "c", "sh", "-c", "head -c 100000 /dev/zero | tr '\\0' a; echo b")
      .expect(code: 0)
    let slow = try edge.run("grep", "(a+)+$", "c").expect(code: 2, stdout: "")
    expect(slow.stderr) { $0.hasPrefix("taroc: edge: c@") && $0.contains("takes too long") }
  }

  @Test func `a server says what it cannot be asked`() throws {
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let edge = try Edge(taro, .rest)
    for words in [
      ["wait", "a"], ["stats"], ["exec", "--all", "true"], ["hist", "-L"],
      ["tail", "a*"],
    ] {
      let result = try edge.start(words).finish()
      expect(result.code, is: ["wait", "exec"].contains(words.first) ? 1 : 2, "\(result)")
      expect(result.stderr) { $0.hasPrefix("taroc: edge: version: a server ") }
    }
  }

  @Test func `a search of a server that is not whole is a failure`() throws {
    try taro.run("exec", "--id", "a", "seq", "1", "10010").expect(code: 0)
    let edge = try Edge(taro, .rest)
    let result = try edge.run("grep", ".").expect(code: 2)
    expect(result.lines.count, is: 10_000)
    expect(
      result.stderr,
      is: "taroc: edge: a server tells no more than this of a search: name fewer instances\n")
  }
}
