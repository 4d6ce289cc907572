internal import Events
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct ExecRetryTests {
  /// Fails until it has been run so often.
  private static func fails(_ times: Int) -> String {
    "echo x >> tries; test $(wc -l < tries) -gt \(times)"
  }

  private func created(_ taro: TaroProgram) throws -> [Created] {
    try taro.events().filter { $0.kind == .state(.created) }.map { Created($0.json) }
  }

  private func ends(_ taro: TaroProgram) throws -> [InstanceState] {
    try taro.events().compactMap(\.kind.state).filter(\.isTerminal)
  }

  @Test
  func `a job that fails is tried again until it does not, each try linked to the one before`()
    throws
  {
    let taro = try TaroProgram()
    try taro.run(
      "exec", "--id", "a", "--retry", "5", "--retry-delay", "10ms", "sh", "-c", Self.fails(2)
    ).expect(code: 0, stderr: "")
    try expect(ends(taro), is: [.failed, .failed, .completed])
    let created = try created(taro)
    #expect(created.map(\.attempt) == [1, 2, 3])
    // Twice as long before each further try.
    #expect(created.map(\.gates.delay) == [nil, 10_000, 20_000])
    var instances: [String] = []
    for event in try taro.events() where event.kind == .state(.created) {
      instances.append("a@\(try #require(event.instance))")
    }
    #expect(created.map(\.retryOf) == [nil] + instances.dropLast())
  }

  @Test func `the exit code is the last try's when all have failed`() throws {
    let taro = try TaroProgram()
    try taro.run(
      "exec", "--id", "a", "--retry", "2", "--retry-delay", "0", "sh", "-c",
      "echo x >> tries; exit $(wc -l < tries)"
    ).expect(code: 3)
    try expect(ends(taro), is: [.failed, .failed, .failed])
  }

  @Test func `a job whose time was over is tried again, one that was stopped is not`() throws {
    let taro = try TaroProgram()
    try taro.run(
      "exec", "--id", "late", "--retry", "1", "--retry-delay", "0", "--timeout", "50ms", "sleep",
      "60"
    ).expect(code: 124)
    try expect(ends(taro), is: [.interrupted, .interrupted])
    let process = try taro.start(
      "exec", "--id", "b", "--retry", "3", "--retry-delay", "0", "sleep", "60")
    _ = try taro.waitForEvent("b runs") { $0.job == "b" && $0.kind == .state(.running) }
    try taro.run("stop", "--force", "b").expect(code: 0)
    try process.finish().expect(code: 143)
    try expect(taro.events(ofJob: "b").compactMap(\.kind.state).last, is: .stopped)
    try expect(taro.events(ofJob: "b").filter { $0.kind == .state(.created) }.count, is: 1)
  }

  @Test func `a try that waits can be stopped; the code is that of the try that ran`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "before", "true").expect(code: 0)
    let process = try taro.start(
      "exec", "--id", "a", "--retry", "3", "--retry-delay", "1h", "sh", "-c", "exit 7")
    _ = try taro.waitForEvent("a waits") { $0.kind == .state(.waiting) }
    try taro.run("stop", "--force", "a").expect(code: 0)
    try process.finish().expect(code: 7)
    try expect(ends(taro), is: [.completed, .failed, .cancelled])
  }

  @Test func `a try that may not run leaves the last word to the one that failed`() throws {
    let taro = try TaroProgram()
    try taro.run(
      "exec", "--id", "a", "--retry", "2", "--retry-delay", "10ms", "sh", "-c",
      #""$0" disable a > /dev/null; exit 3"#, taro.path
    ).expect(code: 3)
    try expect(ends(taro), is: [.failed, .disabled])
  }

  @Test func `signals that the job dies of in the first try kill it in the second`() throws {
    let taro = try TaroProgram()
    try taro.run(
      "exec", "--id", "a", "--retry", "1", "--retry-delay", "0", "sh", "-c", "kill -PIPE $$"
    ).expect(code: 141)
    try expect(ends(taro), is: [.failed, .failed])
    try expect(taro.ending(ofJob: "a")?.ending.signal, is: "PIPE")
  }

  @Test(arguments: [
    ("no-such-command", 127), ("./missing", 127), ("./directory", 126), ("./script", 126),
    ("./interpreter", 127), ("--cwd=missing true", 125),
  ])
  func `what cannot be started is not tried again`(words: String, code: Int32) throws {
    let taro = try TaroProgram()
    let preparation =
      "mkdir directory; touch script; printf '#!/missing' > interpreter; chmod +x interpreter"
    let command =
      ["exec", "--retry", "2", "--retry-delay", "0"]
      + words.split(separator: " ").map(String.init)
    try taro.start(bytes: command.map { Array($0.utf8) }) { $0.preparation = preparation }.finish()
      .expect(code: code)
    try expect(ends(taro), is: [.startFailed])
  }

  @Test func `a script that somebody is writing is tried again`() throws {
    let taro = try TaroProgram()
    let script = #"cp /bin/true busy; exec 9>>busy; "$TARO" exec --retry 2 --retry-delay 0 ./busy"#
    try taro.shell(script).expect(code: 126)
    try expect(ends(taro), is: [.startFailed, .startFailed, .startFailed])
  }

  @Test(arguments: [
    ("--retry", "x"), ("--retry", "-1"), ("--retry", "70000"), ("--retry-delay", "soon"),
  ])
  func `what is no number is refused`(option: String, value: String) throws {
    let taro = try TaroProgram()
    let result = try taro.run("exec", "\(option)=\(value)", "touch", "ran").expect(code: 64)
    #expect(result.stderr.contains(option))
    #expect(!Files.names(in: taro.work).contains("ran"))
  }
}
