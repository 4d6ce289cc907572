import Events
import Glibc
import TestSupport
import Testing

/// What happens on many hosts, as it happens.
@Suite(
  .temporaryDirectory, .enabled(if: TestHost.hasSSHServer, "needs what Tests/unpacked.sh unpacks"))
struct FollowTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func record(_ hosts: SSHHosts, _ host: String, _ words: String...) throws {
    let all = ["exec", "--ledger", hosts.ledger(host)] + words
    _ = try taro.start(bytes: all.map { Array($0.utf8) }).finish()
  }

  /// Jobs that were created, as they are told.
  private func created(_ listener: TaroProcess, _ count: Int) throws -> [String] {
    var found: [String] = []
    while found.count < count {
      let event = try JSON(parsing: listener.readLine())
      if event["kind"]?.string == "created" {
        found.append("\(event["host"]?.string ?? "") \(event["job"]?.string ?? "")")
      }
    }
    return found
  }

  @Test func `listen goes on behind each host's last event when connections break`() throws {
    let hosts = try SSHHosts(taro, ["web1", "web2"])
    try hosts.configure(["web1", "web2"])
    for host in ["web1", "web2"] { try record(hosts, host, "--id", "before", "true") }
    let listener = try hosts.taroc("listen", "-f", "jsonl")
    // It has begun when it tells what happens.
    var index = 0
    try eventually("both are followed") {
      index += 1
      for host in ["web1", "web2"] { try record(hosts, host, "--id", "try-\(index)", "true") }
      return listener.hasPrinted
    }
    for host in ["web1", "web2"] { try record(hosts, host, "--id", "ready", "true") }
    var seen: [String] = []
    while seen.count(where: { $0.hasSuffix("ready") }) < 2 { seen += try created(listener, 1) }
    for round in 1...3 {
      hosts.cut()
      for host in ["web1", "web2"] { try record(hosts, host, "--id", "cut-\(round)", "true") }
      let found = try created(listener, 2)
      #expect(Set(found) == ["web1 cut-\(round)", "web2 cut-\(round)"])
      seen += found
    }
    #expect(Set(seen).count == seen.count, "twice: \(seen)")
    listener.signal(SIGTERM)
    let result = try listener.finish().expect(code: 0)
    #expect(result.errorLines.contains("taroc: web1: is back"), "\(result)")
    #expect(
      result.errorLines.contains { $0.hasPrefix("taroc: web2: connect: the connection broke") })
  }

  @Test func `a host that comes later is taken in`() throws {
    let hosts = try SSHHosts(taro, ["web1"], others: [.init("late")])
    try hosts.configure(["late"])
    hosts.stop()
    try record(hosts, "late", "--id", "before", "true")
    let listener = try hosts.taroc("listen", "--since", "1h ago", "-f", "jsonl")
    try expect(listener.readLine(.stderr)) { $0.hasPrefix("taroc: late: connect: ") }
    try hosts.start([.init("late")])
    try expect(listener.readLine(.stderr), is: "taroc: late: is back")
    try expect(created(listener, 1), is: ["late before"])
    listener.signal(SIGINT)
    try listener.finish().expect(code: 0)
  }

  @Test func `wait counts over all hosts, or each`() throws {
    let hosts = try SSHHosts(taro, ["web1", "web2"])
    try hosts.configure(["web1", "web2"])
    try record(hosts, "web1", "--id", "a", "true")
    try hosts.taroc("wait", "--past", "a", "-s", "completed", "-t", "60s").finish().expect(code: 0)
    try hosts.taroc("wait", "--past", "--each-host", "a", "-s", "completed", "-t", "2s").finish()
      .expect(code: 124)
    try record(hosts, "web2", "--id", "a", "true")
    let result = try hosts.taroc("wait", "--past", "-c", "2", "a", "-s", "completed").finish()
      .expect(code: 0, stderr: "")
    #expect(Set(result.lines.map { $0.prefix(4) }) == ["web1", "web2"], "\(result)")
    try hosts.taroc("wait", "--past", "--each-host", "a", "-s", "completed").finish().expect(
      code: 0)
  }

  @Test func `tail and output stand behind their hosts, and are bytes of one`() throws {
    let hosts = try SSHHosts(taro, ["web1", "web2"])
    try hosts.configure(["web1", "web2"])
    for host in ["web1", "web2"] {
      try record(hosts, host, "--id", "a", "printf", "\\033[31m\(host)\\nno end")
    }
    let both = try hosts.taroc("tail", "a").finish().expect(code: 0, stderr: "")
    #expect(
      both.lines.sorted() == [
        "web1 \u{1b}[31mweb1", "web1 no end", "web2 \u{1b}[31mweb2", "web2 no end",
      ])
    try hosts.taroc("output", "-H", "web1", "a").finish()
      .expect(code: 0, stdout: "\u{1b}[31mweb1\nno end", stderr: "")
    try hosts.taroc("output", "nosuch").finish().expect(code: 1, stdout: "")
    let job = try taro.start("exec", "--ledger", hosts.ledger("web2"), "--id", "live", "cat") {
      $0.stdin = .pipe
    }
    let tail = try hosts.taroc("tail", "-f", "-H", "web2", "live")
    try job.write("one\n")
    try expect(tail.readLine(), is: "one")
    try job.write("two\n")
    try expect(tail.readLine(), is: "two")
    job.closeInput()
    _ = try job.finish()
    try tail.finish().expect(code: 0)
  }
}
