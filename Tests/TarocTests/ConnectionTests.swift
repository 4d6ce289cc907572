import Events
import Glibc
import TestSupport
import Testing

/// Connections that freeze, are cut, or lead to something else.
@Suite(
  .temporaryDirectory, .enabled(if: TestHost.hasSSHServer, "needs what Tests/unpacked.sh unpacks"))
struct ConnectionTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func record(_ hosts: SSHHosts, _ host: String, _ words: String...) throws {
    let all = ["exec", "--ledger", hosts.ledger(host)] + words
    try taro.start(bytes: all.map { Array($0.utf8) }).finish().expect(code: 0)
  }

  /// Reads up to a job's beginning, and returns the jobs that began until then.
  private func created(_ listener: TaroProcess, until job: String) throws -> [String] {
    var found: [String] = []
    while found.last != job {
      let event = try JSON(parsing: listener.readLine())
      if event["kind"]?.string == "created" { found.append(event["job"]?.string ?? "") }
    }
    return found
  }

  /// Starts to listen at `web1`, and returns when it does.
  private func listen(_ hosts: SSHHosts, _ options: String...) throws -> TaroProcess {
    try record(hosts, "web1", "--id", "before", "true")
    let listener = try hosts.taroc(["listen", "-f", "jsonl", "-H", "web1"] + options)
    try eventually("it listens") {
      try record(hosts, "web1", "--id", "try", "true")
      return listener.hasPrinted
    }
    try record(hosts, "web1", "--id", "ready", "true")
    try expect(created(listener, until: "ready")) { !$0.contains("before") }
    return listener
  }

  @Test func `a host that freezes in the middle of its answer hides nobody`() throws {
    // It stops the daemon's process of its connection when its answer is on the way.
    let frozen = SSHHosts.Behaviour(
      "frozen",
      command: "sh -c \"$SSH_ORIGINAL_COMMAND\"; sleep 0.3; kill -STOP $PPID; sleep 1000")
    let hosts = try SSHHosts(taro, ["web1"], others: [frozen])
    try hosts.configure(["web1", "frozen"])
    for host in ["web1", "frozen"] { try record(hosts, host, "--id", "a", "true") }
    let result = try hosts.taroc("hist", "-f", "jsonl", "--timeout", "4s").finish().expect(code: 1)
    let found = try result.lines.map { try JSON(parsing: $0)["host"]?.string }
    #expect(Set(found) == ["web1", "frozen"] && found.count == 2, "\(result)")
    #expect(result.stderr.hasPrefix("taroc: frozen: timeout: not done in 4"), "\(result)")
    expect(result.errorLines.count, is: 1)
  }

  @Test func `who listens notices that a host is frozen, and misses nothing when it thaws`() throws
  {
    let hosts = try SSHHosts(taro, ["web1"])
    try hosts.configure(["web1"])
    let listener = try listen(
      hosts, "--connect-timeout", "1s", "--ssh-option", "ServerAliveInterval=1", "--ssh-option",
      "ServerAliveCountMax=1")
    hosts.signal(SIGSTOP)
    try record(hosts, "web1", "--id", "meanwhile", "true")
    try expect(listener.readLine(.stderr)) {
      $0.hasPrefix("taroc: web1: connect: the connection broke: ")
    }
    hosts.signal(SIGCONT)
    try record(hosts, "web1", "--id", "after", "true")
    try expect(created(listener, until: "after"), is: ["meanwhile", "after"])
    try expect(listener.readLine(.stderr), is: "taroc: web1: is back")
    listener.signal(SIGTERM)
    try listener.finish().expect(code: 0)
  }

  @Test func `a connection that is cut on this side is taken up again`() throws {
    let hosts = try SSHHosts(taro, ["web1"])
    try hosts.configure(["web1"])
    let listener = try listen(hosts)
    for round in 1...3 {
      for ssh in listener.children { kill(ssh, SIGKILL) }
      try record(hosts, "web1", "--id", "cut-\(round)", "true")
      try expect(created(listener, until: "cut-\(round)"), is: ["cut-\(round)"])
    }
    listener.signal(SIGTERM)
    let result = try listener.finish().expect(code: 0)
    #expect(result.errorLines.contains("taroc: web1: is back"), "\(result)")
  }

  @Test(.enabled(if: TestHost.hasCurl, "needs curl"))
  func `a port where something else listens, or nobody answers, is told with its step`() throws {
    let hosts = try SSHHosts(taro, ["web1"])
    let server = try TarosProgram(taro)
    let port = try #require(hosts.ports["web1"])
    try hosts.prepend("Host http\n  HostName 127.0.0.1\n  Port \(server.port)")
    let folder = "\(taro.root)/home/.config/taroc"
    try taro.shell("mkdir -p '\(folder)'").expect(code: 0)
    let text = "hosts: {http: {}, web1: {}, sshd: {url: \"http://\(hosts.address):\(port)\"}}"
    try Files.write(Array(text.utf8), to: "\(folder)/hosts.yaml")
    let some = try hosts.taroc("ps").finish().expect(code: 1)
    #expect(some.errorLines.count == 2, "\(some)")
    #expect(some.stderr.contains("taroc: http: connect: "), "\(some)")
    #expect(some.stderr.contains("taroc: sshd: answer: "), "\(some)")
    // The kernel takes connections, and nobody says a word.
    hosts.signal(SIGSTOP)
    let silent = try hosts.taroc(
      "ps", "-x", "http", "--no-share", "--connect-timeout", "1s", "--timeout", "2s"
    ).finish().expect(code: 2)
    #expect(silent.errorLines.count == 2, "\(silent)")
    #expect(
      ["connect", "timeout"].contains { silent.stderr.contains("taroc: web1: \($0): ") },
      "\(silent)")
    #expect(silent.stderr.contains("taroc: sshd: timeout: "), "\(silent)")
    hosts.signal(SIGCONT)
  }

  @Test(.enabled(if: TestHost.canMount, "needs to mount"))
  func `on a full disk there things run, and what cannot be recorded is told by the host`() throws {
    let ledger = "\(taro.root)/ledger-full"
    let mount = """
      mountpoint -q '\(ledger)' || { mount -t tmpfs -o size=2m,mode=700 none '\(ledger)' && \
      taro exec --ledger '\(ledger)' --id before true; head -c 4m /dev/zero > '\(ledger)/fill'; } \
      2>/dev/null; exec sh -c \"$SSH_ORIGINAL_COMMAND\"
      """
    try taro.shell("mkdir '\(ledger)'").expect(code: 0)
    let hosts = try SSHHosts(taro, ["web1"], others: [.init("full", command: mount)])
    try hosts.configure(["web1", "full"])
    try record(hosts, "web1", "--id", "a", "true")
    let history = try hosts.taroc("hist", "-H", "full", "-f", "jsonl").finish().expect(code: 0)
    try expect(JSON(parsing: history.lines.at(0))["job"], is: "before")
    let disabled = try hosts.taroc("disable", "--force", "x").finish()
      .expect(code: 1, stdout: "web1 Added to disabled jobs: x\n")
    #expect(disabled.stderr.hasPrefix("taroc: full: answer: ledger "), "\(disabled)")
    #expect(disabled.stderr.contains(": no space: "), "\(disabled)")
    let run = try hosts.taroc("exec", "-H", "full", "echo", "runs").finish()
      .expect(code: 0, stdout: "runs\n")
    #expect(run.stderr.contains("this run is kept in \(taro.runtime)/"), "\(run)")
  }
}
