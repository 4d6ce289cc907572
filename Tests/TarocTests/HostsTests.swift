import Events
import TestSupport
import Testing

/// Which hosts there are, and who of them answers.
@Suite(
  .temporaryDirectory, .enabled(if: TestHost.hasSSHServer, "needs what Tests/unpacked.sh unpacks"))
struct HostsTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func configure(_ text: String) throws {
    let folder = "\(taro.root)/home/.config/taroc"
    try taro.shell("mkdir -p '\(folder)'").expect(code: 0)
    try Files.write(Array(text.utf8), to: "\(folder)/hosts.yaml")
  }

  private func run(_ words: String...) throws -> TaroResult {
    try taro.start(program: "taroc", words) { _ in }.finish()
  }

  @Test func `nothing named and nothing configured is wrong use, with how to name one`() throws {
    try run("ps").expect(
      code: 64, stdout: "",
      stderr: "taroc: no host is named: name one with -H [user@]host[:port], or write them into "
        + "~/.config/taroc/hosts.yaml\n")
  }

  @Test func `what cannot be a host starts nothing`() throws {
    for name in ["-oProxyCommand=touch\(taro.work)/x", "a b", "$(id)", "x\u{1b}[2J", "::1", "a;b"] {
      let result = try run("ps", "--host=\(name)").expect(code: 64, stdout: "")
      #expect(result.errorLines.count == 1, "\(result)")
      #expect(!result.stderr.contains("\u{1b}"))
    }
    #expect(!Files.exists("\(taro.work)/x"))
  }

  @Test func `hosts lists them, with groups and labels`() throws {
    try configure(
      """
      defaults: {user: ops}
      hosts:
        web1: {address: 10.0.0.1, labels: {dc: ams}}
        edge: {url: "https://edge.example:8000"}
      groups: {web: [web1, root@web2:2222]}
      """)
    try run("hosts").expect(
      code: 0,
      stdout: """
         HOST             ADDRESS                     GROUPS   LABELS
        ---------------- --------------------------- -------- --------
         web1             ops@10.0.0.1                web      dc=ams
         edge             https://edge.example:8000
         root@web2:2222   root@web2:2222              web

        """, stderr: "")
    let json = try JSON(parsing: run("hosts", "-f", "json", "-x", "edge").expect(code: 0).text)
    expect(json["hosts"]?.array?.map { $0["host"]?.string }, is: ["web1", "root@web2:2222"])
    try run("ps", "-g", "db").expect(
      code: 64, stdout: "", stderr: "taroc: there is no group db; the groups are: web\n")
    try run("exec", "true").expect(
      code: 64, stdout: "",
      stderr: "taroc: name the hosts that are meant: -H HOST, -g GROUP, or --all\n")
  }

  @Test func `a file that cannot be used is told with its lines`() throws {
    try configure("hosts:\n  web1: {adress: x}\n  \"a b\": {}\n")
    let result = try run("ps").expect(code: 78, stdout: "")
    #expect(result.errorLines.count == 2, "\(result)")
    #expect(result.stderr.contains("hosts.yaml:2: a host has no \"adress\""))
  }

  @Test func `with --check each says who it is, or the step that failed`() throws {
    let hosts = try SSHHosts(
      taro, ["good"],
      others: [
        .init("greets", command: "echo Welcome; echo; exec sh -c \"$SSH_ORIGINAL_COMMAND\""),
        .init("without", command: "PATH=/usr/bin:/bin exec sh -c \"$SSH_ORIGINAL_COMMAND\""),
        .init("garbage", command: "head -c 1000000 /dev/urandom"),
        .init("silent", command: "true"),
      ])
    try hosts.prepend(
      """
      Host dead
        HostName \(hosts.address)
        Port \(hosts.deadPort)
      Host changed
        HostName \(hosts.address)
        Port \(try #require(hosts.ports["good"]))
        UserKnownHostsFile \(hosts.root)/known_wrongly
      Host refused
        HostName \(hosts.address)
        Port \(try #require(hosts.ports["good"]))
        PubkeyAuthentication no
      Host nameless
        HostName no-such-host.invalid
      """)
    try configure(
      "hosts: {good: {}, greets: {}, without: {}, garbage: {}, silent: {}, dead: {}, changed: {}, "
        + "refused: {}, nameless: {}}")
    let result = try hosts.taroc("hosts", "--check", "-f", "jsonl").finish().expect(code: 1)
    var steps: [String: String] = [:]
    for line in result.lines {
      let host = try JSON(parsing: line)
      let name = try #require(host["host"]?.string)
      steps[name] = host["step"]?.string ?? host["version"]?.string
    }
    #expect(
      steps == [
        "good": "0.1.0", "greets": "0.1.0", "without": "taro missing", "garbage": "answer",
        "silent": "answer", "dead": "connect", "changed": "host key",
        "refused": "authentication", "nameless": "name",
      ], "\(result)")
    #expect(result.errorLines.count == 7, "\(result)")
    #expect(
      result.stderr.contains("taroc: without: taro missing: it is not there; taroc install without")
    )
  }
}
