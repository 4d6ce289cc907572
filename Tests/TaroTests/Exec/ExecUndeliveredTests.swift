internal import Events
import Glibc
import Linux
import TestSupport
import Testing

/// Requests that the kernel does not let a runner deliver.
@Suite(.temporaryDirectory, .enabled(if: getuid() == 0, "needs root's rights to give them up"))
struct ExecUndeliveredTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func user() throws -> OtherUser { try OtherUser(taro, id: Self.id) }

  private static let id = 64_114

  /// Starts a job that has become root under a runner that is not, as under sudo.
  private func startRoot(_ options: [String]) throws -> TaroProcess {
    // A program with the set-user-ID bit.
    let program = "\(TemporaryDirectory.path)/rootly"
    try Files.write(try Files.contents("/usr/bin/setpriv"), to: program)
    #expect(chmod(program, 0o4755) == 0)
    let user = try user()
    let words =
      ["exec", "--id", "a"] + options + [
        program, "--ruid=0", "sh", "-c", "echo ready; read x; exit 0",
      ]
    return try taro.start(bytes: words.map { Array($0.utf8) }) {
      $0.stdin = .pipe
      $0.wrapper = user.wrapper
    }
  }

  /// As the user whose runs these are.
  private func run(_ arguments: String...) throws -> TaroResult {
    let user = try user()
    return try taro.start(bytes: arguments.map { Array($0.utf8) }) { $0.wrapper = user.wrapper }
      .finish()
  }

  @Test func `a stop of a job that has become root is told, recorded, and decides nothing`() throws
  {
    let process = try startRoot([])
    try expect(process.readLine(), is: "ready")
    let stop = try run("stop", "--force", "a").expect(code: 77, stderr: "")
    #expect(stop.lines.count == 2)
    #expect(stop.lines.last?.hasSuffix("-> not delivered: Operation not permitted") == true)
    try expect(run("ps", "a").text) { $0.contains(" RUNNING") && !$0.contains("to end") }
    try expect(run("why", "a").text) {
      $0.hasSuffix(" (SIGTERM), which has not reached it: Operation not permitted.\n")
    }
    let document = try JSON(parsing: try run("show", "a", "-f", "json").text)
    let requests = try #require(document["requests"]?.array)
    expect(requests.map { $0["error"]?.string }, is: ["Operation not permitted"])
    try process.write("\n")
    try process.finish().expect(code: 0, stderr: "")
    try expect(run("show", "a").text) { $0.contains("SIGTERM not delivered: Operation not") }
    try user().leave()
    let event = try taro.events(ofJob: "a").first { $0.kind == .undelivered }
    let undelivered = Undelivered(try #require(event).json)
    #expect(undelivered.kind == .stopRequested)
    #expect(undelivered.request.signal == "TERM")
    #expect(undelivered.request.by.uid == Int64(Self.id))
    try expect(taro.ending(ofJob: "a")?.state, is: .completed)
  }

  @Test func `a timeout that ends nothing makes no exit code`() throws {
    try inTime("the job has become root") { milliseconds in
      let process = try startRoot(["--timeout", "\(milliseconds)ms", "--kill-after", "100ms"])
      guard (try? process.readLine()) == "ready" else { return false }
      let line = try process.readLine(.stderr)
      #expect(line.contains("timeout"))
      #expect(line.contains("Operation not permitted"))
      try process.write("\n")
      try process.finish().expect(code: 0)
      try user().leave()
      try expect(taro.ending(ofJob: "a")?.state, is: .completed)
      return true
    }
  }
}

/// A job that has gone to the group of its runner.
@Suite(.temporaryDirectory) struct ExecForeignGroupTests {
  @Test func `a job that has left its group is ended all the same, and once`() throws {
    let taro = try TaroProgram()
    let script = """
      $| = 1; setpgrp(0, getpgrp(getppid)) or die; my $n = 0;
      $SIG{USR1} = sub { $n++; print "usr1\n" }; print "ready\n"; sleep 1 while 1;
      """
    let process = try taro.start("exec", "--id", "a", "perl", "-e", script)
    try expect(process.readLine(), is: "ready")
    _ = try taro.waitForEvent("running") { $0.kind == .state(.running) }
    process.signal(SIGUSR1)
    try expect(process.readLine(), is: "usr1")
    try taro.run("stop", "--force", "--wait", "30s", "a").expect(code: 0, stderr: "")
    try process.finish().expect(code: 143, stdout: "", stderr: "")
    try expect(taro.ending(ofJob: "a")?.state, is: .stopped)
  }
}
