import Documents
import Events
import Glibc
import Ledger
import Linux
import TestSupport
import Testing

/// Against a real server, over TCP, by the curl of this machine.
@Suite("taro-plugin-webhook", .temporaryDirectory)
struct WebhookTests {
  private let taro: TaroProgram
  private let programs: String
  private let server: WebhookServer

  init() throws {
    taro = try TaroProgram()
    programs = try BuiltProgram.path("taro").replacing(/\/[^\/]*$/, with: "")
    server = try WebhookServer()
  }

  private func configure(_ settings: String, url: Bool = true, timeout: String = "30s") throws {
    try taro.configure(
      "webhook", directory: programs, timeout: timeout,
      settings: "  webhook:\n    targets: [{name: chat, \(url ? "url: '\(server.url)/hook', " : "")"
        + "\(settings)}]")
  }

  private func fail(_ job: String = "backup") throws {
    let script = "echo reading; echo '<!channel> @here ``` \"x\" \\\\ ü' >&2; exit 3"
    try taro.execWithPlugins(job, "sh", "-c", script).expect(code: 3)
  }

  private func tell(code: Int32 = 0) throws {
    try taro.run("tell", "-C", taro.configurationFile).expect(code: code, stdout: "")
  }

  private func tellings() throws -> [Telling] {
    try taro.events().filter { $0.kind == .tellingEnded }.compactMap { Telling($0.json) }
  }

  /// As if the last try had been long ago.
  private func letTimePass() throws {
    let event = try #require(try taro.events().last { $0.kind == .tellingEnded })
    var telling = try #require(Telling(event.json))
    telling.until = .now - 1
    try LedgerWriter(taro.ledger).append([
      NewEvent(
        at: .now, mono: .now, job: event.job, instance: nil, kind: .tellingEnded,
        data: telling.json)
    ])
  }

  // MARK: What is sent

  @Test func `sends the change document, with an id`() throws {
    try configure("timeout: 20")
    try fail()
    let request = try #require(server.requests.first)
    #expect(server.requests.count == 1)
    #expect(request.method == "POST")
    #expect(request.target == "/hook")
    #expect(request["content-type"] == "application/json")
    let change = try ChangeDocument(try request.json())
    #expect(change.job == "backup")
    #expect(change.exitCode == 3)
    #expect(change.output == ["reading", "<!channel> @here ``` \"x\" \\ ü"])
    #expect(request["idempotency-key"] == change.id)
    #expect(try tellings().map(\.outcome) == [.told])
    try tell()
    #expect(server.requests.count == 1)
    try expect(taro.pluginLog(), is: [])
  }

  @Test(arguments: BodyTemplateAnswer.all)
  func `speaks as chat systems want it, and calls nobody`(_ template: BodyTemplateAnswer) throws {
    server.behaveAlways(.answer(template.status, template.answer))
    try configure("timeout: 20, template: \(template.name), topic: jobs")
    try fail()
    let body = try #require(server.requests.first).json()
    var text = body
    for key in template.path {
      text = try #require(text[key] ?? Int(key).flatMap { text.array?[$0] }, "\(body)")
    }
    let words = try #require(text.string)
    #expect(words.contains("reading"), "\(words)")
    for word in template.never { #expect(!words.contains(word), "\(words)") }
    #expect(body.text.contains("Job backup failed: exit code 3"))
    #expect(try tellings().map(\.outcome) == [.told])
    try expect(taro.pluginLog(), is: [])
  }

  @Test(arguments: ["json", "slack", "discord", "teams"])
  func `sends of much what the receiver takes`(_ template: String) throws {
    server.behaveAlways(.answer(202, template == "slack" ? "ok" : ""))
    try configure("timeout: 20, lines: 1000, template: \(template)")
    let script = "seq 5000; head -c 60000 /dev/zero | tr '\\0' '`'; exit 3"
    let long = String(repeating: "\"", count: 60_000)
    try taro.execWithPlugins("backup", "sh", "-c", script, long).expect(code: 3)
    let request = try #require(server.requests.first)
    let limit = ["slack": 40_000, "discord": 2000, "teams": 28_000][template] ?? 40_000
    let body = try request.json()
    let text = (body["text"] ?? body["content"])?.string ?? request.body
    #expect(text.count <= limit)
    #expect(try tellings().map(\.outcome) == [.told])
  }

  struct BodyTemplateAnswer: Sendable, CustomTestStringConvertible {
    let name: String
    let path: [String]
    var never: [String] = []
    var status = 200
    var answer = "ok"

    var testDescription: String { name }

    static let all = [
      Self(name: "slack", path: ["text"], never: ["<!channel>"]),
      Self(name: "mattermost", path: ["text"], never: ["here ``` "]),
      Self(name: "discord", path: ["content"], never: ["here ``` "], status: 204, answer: ""),
      Self(
        name: "teams", path: ["attachments", "0", "content", "body", "1", "text"], status: 202,
        answer: ""),
      Self(name: "ntfy", path: ["message"], answer: #"{"id":"x","time":1}"#),
      Self(name: "gotify", path: ["message"], answer: #"{"id":25}"#),
    ]
  }

  @Test func `keeps what is secret to itself`() throws {
    let secret = "S3cr3t/T0k3n"
    for (name, text) in [("url", "\(server.url)/\(secret)"), ("token", "Q\(secret)")] {
      try Files.write(Array("\(text)\n".utf8), to: "\(taro.root)/\(name)")
      chmod("\(taro.root)/\(name)", 0o600)
    }
    let words = """
      #!/bin/sh
      tr '\\0' '\\n' < /proc/$$/environ >> '\(taro.root)/seen'
      echo "$@" >> '\(taro.root)/seen'
      exec /usr/bin/curl "$@"
      """
    mkdir("\(taro.root)/bin", 0o755)
    try Files.write(Array(words.utf8), to: "\(taro.root)/bin/curl")
    chmod("\(taro.root)/bin/curl", 0o755)
    try configure(
      "timeout: 20, url_file: \(taro.root)/url, token_file: \(taro.root)/token", url: false)
    server.behave(.answer(500), .answer(200))
    try taro.execWithPlugins("backup", "false") {
      $0.environment["PATH"] = "\(taro.root)/bin:/usr/bin:/bin"
    }.expect(code: 1)
    let request = try #require(server.requests.first)
    #expect(request.target == "/\(secret)")
    #expect(request["authorization"] == "Bearer Q\(secret)")
    let seen = try Files.text("\(taro.root)/seen")
    #expect(seen.contains("-q -K -"))
    #expect(!seen.contains(secret))
    for event in try taro.events() { #expect(!event.data.contains(secret)) }
    expect(try taro.pluginLog().joined()) { $0.contains("says 500") && !$0.contains(secret) }
    // Nor is one taken that everybody can read.
    chmod("\(taro.root)/token", 0o644)
    try letTimePass()
    try tell(code: 1)
    #expect(server.requests.count == 1)
    expect(try tellings().last?.error ?? "") { $0.contains("everybody can read it") }
  }

  // MARK: A server that is of no help

  @Test(
    arguments: [
      (WebhookServer.Behaviour.answer(500, "no"), "the server says 500"),
      (.answer(404), "the server says 404"),
      (.answer(302, "", ["Location: http://127.0.0.1:1/"]), "the server says 302"),
      (.hangs, "no answer in time"), (.closes, "the server has said nothing"),
      (.endsEarly, "the answer has ended before its end"), (.endless, "the answer is too long"),
      (.garbage, ""), (.answer(200, "no_service"), "but not that it has taken it"),
    ] as [(WebhookServer.Behaviour, String)])
  func `tries again later, with the same id`(
    _ behaviour: WebhookServer.Behaviour, _ error: String
  ) throws {
    server.behave(behaviour)
    try configure("timeout: 1, template: slack")
    try fail()
    let telling = try #require(try tellings().last)
    #expect(telling.outcome == .failed)
    expect(telling.error ?? "") { $0.contains(error) && !$0.contains("127.0.0.1") }
    // Not at once.
    try tell()
    #expect(server.requests.count == 1)
    try letTimePass()
    try tell()
    #expect(server.requests.count == 2)
    #expect(Set(server.requests.map { $0["idempotency-key"] }).count == 1)
    #expect(Set(server.requests.map(\.body)).count == 1)
    #expect(try tellings().last?.outcome == .told)
    try tell()
    #expect(server.requests.count == 2)
  }

  @Test func `is told once though many look at once`() throws {
    try configure("timeout: 20", url: true)
    try taro.run("exec", "--id", "backup", "false").expect(code: 1)
    let tellers = try (0..<6).map { _ in
      try taro.start("tell", "-C", taro.configurationFile)
    }
    for teller in tellers { try teller.finish().expect(code: 0) }
    #expect(server.requests.count == 1)
  }

  @Test(arguments: [
    ("{}", "there are no targets"), ("{targets: [{url: 'https://x'}]}", "a target has no name"),
    ("{targets: [{name: a}]}", "a: say either url or url_file"),
    ("{targets: [{name: a, url: x}]}", "a: url has to begin with https://"),
    ("{targets: [{name: a, url: 'https://x', template: irc}]}", "no template \"irc\""),
    ("{targets: [{name: a, url: 'https://x', template: ntfy}]}", "a: topic is missing"),
    ("{targets: [{name: a, url: 'https://x', changes: []}]}", "nothing would ever be told"),
    (
      "{targets: [{name: a, url: 'https://x'}, {name: a, url: 'https://y'}]}",
      "two targets named a"
    ),
  ])
  func `settings that cannot be used are named`(settings: String, complaint: String) throws {
    try taro.configure("webhook", directory: programs, settings: "  webhook: \(settings)")
    try taro.execWithPlugins("job", "echo", "x").expect(code: 0, stdout: "x\n", stderr: "")
    let log = try taro.pluginLog()
    #expect(log.contains { $0.contains("[plugin_says]") && $0.contains(complaint) }, "\(log)")
    #expect(log.contains { $0.contains("exit code 78") }, "\(log)")
  }

  // MARK: Healthchecks

  private func configurePings(_ more: String = "") throws {
    server.behaveAlways(.answer(200, "OK"))
    try taro.configure(
      "webhook", directory: programs,
      settings: "  webhook:\n    targets: [{name: checks, url: '\(server.url)/ping/uuid?x=1', "
        + "template: healthchecks, timeout: 20, jobs: ['back*']\(more)}]")
  }

  private var targets: [String] { server.requests.map(\.target) }

  @Test func `pings start and success, failure with its code, and warnings for the log`() throws {
    try configurePings()
    try taro.execWithPlugins("backup", "echo", "done").expect(code: 0)
    try taro.execWithPlugins("other", "true").expect(code: 0)
    let id = try #require(try taro.events().first?.instance)
    let first = try targets.at(0)
    expect(first) { $0.hasPrefix("/ping/uuid/start?x=1&rid=") }
    // The id of the run as a UUID, by which the two belong together.
    let rid = try #require(first.split(separator: "=").last)
    #expect(
      rid.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}/) != nil)
    let milliseconds = String(id.createdAt.microseconds / 1000, radix: 16)
    let time = rid.replacing("-", with: "").prefix(12)
    #expect(time.hasSuffix(milliseconds))
    try expect(targets.at(1), is: "/ping/uuid?x=1&rid=\(rid)")
    #expect(server.requests.map(\.method) == ["POST", "POST"])
    try expect(server.requests.at(1).body, is: "done\n")
    let script = "echo oops; exit 9"
    try taro.execWithPlugins("backup", "--warn-output", "oops", "sh", "-c", script).expect(code: 9)
    let paths = targets.dropFirst(2).map { $0.prefix { $0 != "?" } }
    #expect(paths == ["/ping/uuid/start", "/ping/uuid/log", "/ping/uuid/9"])
    try expect(server.requests.at(3).body, is: "output oops")
    try expect(server.requests.at(4).body, is: "oops\n")
    try expect(taro.pluginLog(), is: [])
  }

  @Test func `a rehearsal is pinged as nothing`() throws {
    try configurePings()
    for state in ["completed", "failed"] {
      _ = try taro.execWithPlugins("backup", "--dry-run=\(state)", "true")
    }
    #expect(targets == [])
    try taro.execWithPlugins("backup", "true").expect(code: 0)
    #expect(targets.count == 2)
  }

  @Test func `pings again later an end that was not taken, and the newest of a job alone`() throws {
    try configurePings()
    // A check that is not there is answered so.
    server.behave(.answer(200, "OK"), .answer(200, "OK (not found)"))
    try taro.execWithPlugins("backup", "true").expect(code: 0)
    #expect(try tellings().map(\.outcome) == [.failed])
    try letTimePass()
    try tell()
    #expect(targets.count == 3)
    try expect(targets.at(2), is: targets.at(1))
    #expect(try tellings().last?.outcome == .told)
    server.behave(.answer(200, "OK"), .answer(503))
    try taro.execWithPlugins("backup", "false").expect(code: 1)
    try letTimePass()
    try taro.execWithPlugins("backup", "true").expect(code: 0)
    try tell()
    let last = try #require(targets.last)
    expect(last) { $0.hasPrefix("/ping/uuid?x=1") }
  }

  @Test func `pings a failure for a run that was lost`() throws {
    try configurePings()
    let run = try taro.start(
      "exec", "-C", taro.configurationFile, "--id", "backup", "sleep", "60")
    try eventually("the start was pinged") { targets.count == 1 }
    let running = try taro.waitForEvent("it runs") { $0.kind == .state(.running) }
    let pid = try #require(running.json["pid"]?.integer)
    kill(run.pid, SIGKILL)
    _ = try run.finish()
    kill(pid_t(pid), SIGKILL)
    try tell()
    // The run's own plugin sees the end of its events, and may have begun to tell it before.
    try eventually("the failure was pinged") { targets.count == 2 }
    try expect(targets.at(1)) { $0.hasPrefix("/ping/uuid/fail?x=1&rid=") }
    try tell()
    #expect(targets.count == 2)
  }
}
