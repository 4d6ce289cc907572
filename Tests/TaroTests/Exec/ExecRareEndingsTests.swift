import Events
import Glibc
import TestSupport
import Testing

@Suite("Ends that few jobs ask for", .temporaryDirectory)
struct ExecRareEndingsTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func ends(_ job: String) throws -> [InstanceState] {
    try taro.events(ofJob: job).compactMap(\.kind.state).filter(\.isTerminal)
  }

  @Test(arguments: [(24, true), (1, true), (0, true), (2, false)])
  func `--success-codes are no failure, and taro ends with the job's own`(
    code: Int, isGood: Bool
  ) throws {
    try taro.run("exec", "--id", "a", "--success-codes", "24,1", "sh", "-c", "exit \(code)")
      .expect(code: Int32(code))
    try expect(ends("a"), is: [isGood ? .completed : .failed])
    guard isGood, code > 0 else { return }
    try expect(taro.run("hist", "a").text) { $0.contains("exit code \(code)") }
  }

  @Test func `what its output's place refuses is a failure all the same`() throws {
    try taro.run("exec", "--id", "a", "--success-codes", "3", "sh", "-c", "echo x; exit 3") {
      $0.stdout = .file("/dev/full")
    }.expect(code: 74)
    try expect(ends("a"), is: [.failed])
  }

  @Test func `a retry is tried after the codes of --retry-on alone`() throws {
    func run(_ code: Int) throws {
      try taro.run(
        "exec", "--id", "a\(code)", "--retry", "2", "--retry-delay", "0", "--retry-on", "7,8", "sh",
        "-c", "exit \(code)"
      ).expect(code: Int32(code))
    }
    try run(7)
    try expect(ends("a7").count, is: 3)
    try run(6)
    try expect(ends("a6").count, is: 1)
  }

  @Test func `--stop-signal is what taro stop and a timeout send, and what is recorded`() throws {
    let script = "trap 'exit 0' INT; trap '' TERM; echo ready; while :; do sleep 0.05; done"
    try taro.exec("other", "true")
    let job = try taro.start("exec", "--id", "a", "--stop-signal", "SIGINT", "sh", "-c", script)
    _ = try taro.waitForEvent("output") { $0.kind == .output }
    try taro.run("stop", "--force", "--reason", "enough", "a").expect(code: 0)
    try job.finish().expect(code: 0)
    try expect(ends("a"), is: [.stopped])
    let request = try #require(
      taro.events(ofJob: "a").first { $0.kind == .stopRequested }.map { ControlRequest($0.json) })
    #expect(request.signal == "INT")
    #expect(request.by.reason == "enough")
    try taro.run(
      "exec", "--id", "b", "--stop-signal", "INT", "--timeout", "300ms", "sh", "-c", script
    ).expect(code: 124)
    try expect(ends("b"), is: [.interrupted])
  }

  @Test(arguments: [
    ["--success-codes", "1,x"], ["--success-codes", "256"], ["--success-codes", ""],
    ["--retry", "1", "--retry-on", "127"], ["--retry", "1", "--retry-on", "0"],
    ["--retry-on", "3"], ["--stop-signal", "KILL"], ["--stop-signal", "NOPE"],
    ["--replace", "-o"], ["--loud-on-stderr", "-b"], ["--mask", "("], ["--give-up-after", "-1"],
    ["--not-within", "x"], ["--splay", "x"], ["--param", "foo"], ["--param", "=x"],
  ])
  func `a value that makes no sense is said in one line, and nothing is run`(
    options: [String]
  ) throws {
    let result = try taro.runAll(["exec"] + options + ["echo", "ran"]).expect(code: 64, stdout: "")
    result.expectOneLine(about: options.last { $0.hasPrefix("--") } ?? "")
  }

  @Test(arguments: [
    ["--dry-run", "failed", "true"], ["--dry-run", "faild", "true"],
    ["--record-env", "HOME", "true"],
  ])
  func `a word behind an option that takes none from there is no command`(
    words: [String]
  ) throws {
    let result = try taro.runAll(["exec"] + words).expect(code: 64, stdout: "")
    result.expectOneLine(about: "\(words[0])=\(words[1])")
    try taro.runAll(["exec", words[0], "true"]).expect(code: 0)
  }

  @Test func `help shows that such a value stands behind an equals sign`() throws {
    let help = try taro.run("exec", "--help").expect(code: 0).text
    #expect(help.contains("--dry-run[=<state>]"))
    #expect(help.contains("--record-env[=<names>]"))
  }

  @Test func `--loud-on-stderr prints nothing of a good run that says nothing there`() throws {
    try taro.run("exec", "--id", "a", "--loud-on-stderr", "echo", "out")
      .expect(code: 0, stdout: "", stderr: "")
    try taro.run("exec", "--loud-on-stderr", "sh", "-c", "echo out; echo err >&2")
      .expect(code: 0, stdout: "out\n", stderr: "err\n")
  }

  @Test func `what --mask matches stands nowhere in the ledger`() throws {
    let words = ["sh", "-c", "true", "token=s3cr3t-1", "s3cr3t-22"]
    try taro.runAll(["exec", "--mask", "s3cr3t-[0-9]+"] + words).expect(code: 0)
    let event = try #require(taro.events().first)
    #expect(event.job == "sh -c true token=*** ***")
    #expect(Created(event.json).command == ["sh", "-c", "true", "token=***", "***"])
    for event in try taro.events() { #expect(!event.data.contains("s3cr3t")) }
    try taro.run("rerun", "sh -c true token=*** ***").expect(code: 1).expectOneLine(about: "mask")
  }

  @Test func `rerun asks for the same tries, warnings and silence`() throws {
    try taro.run(
      "exec", "--id", "a", "--retry", "1", "--retry-delay", "0", "--warn-output", "^bad",
      "--quiet-on-success", "--success-codes", "3", "sh", "-c", "echo bad; exit 4"
    ).expect(code: 4)
    try taro.run("rerun", "a").expect(code: 4)
    let created = try taro.events(ofJob: "a").filter { $0.kind == .state(.created) }
      .map { Created($0.json) }
    #expect(created.count == 4)
    for one in created { #expect(one.options == created.first?.options) }
    #expect(created.first?.options.warnOutputs == ["^bad"])
    try expect(taro.events(ofJob: "a").count { $0.kind == .warning }, is: 4)
  }
}
