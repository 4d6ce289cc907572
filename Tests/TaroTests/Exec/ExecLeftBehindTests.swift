internal import Events
import Glibc
import Linux
import TestSupport
import Testing

/// What the job leaves behind keeps its output, when the record has ended and taro too.
@Suite(.temporaryDirectory) struct ExecLeftBehindTests {
  private static let drain = ["--set", "output.drain=50ms"]

  /// A process that waits for a line of a FIFO, after the job has ended, and then runs a script.
  private func leaveBehind(
    _ taro: TaroProgram, _ script: String, options: [String] = [],
    change: (inout TaroProgram.Setup) -> Void = { _ in }
  ) throws -> TaroProcess {
    #expect(mkfifo("\(taro.work)/gate", 0o600) == 0)
    let words =
      ["exec", "--id", "a"] + Self.drain + options
      + ["sh", "-c", "(read x <gate; \(script)) & echo started"]
    return try taro.start(bytes: words.map { Array($0.utf8) }, change: change)
  }

  private func openGate(_ taro: TaroProgram) throws {
    let gate = try Descriptor.open("\(taro.work)/gate", O_WRONLY)
    try RawIO.writeAll(gate.fd, "go\n")
  }

  /// The process that goes on when taro has ended. It has its name soon after.
  private func copier(_ taro: TaroProgram) throws -> Int32 {
    let instance = try #require(try taro.events(ofJob: "a").first?.instance)
    var found: Int32?
    try eventually("there is a copier") {
      found = Files.names(in: "/proc").lazy.compactMap { Int32($0) }.first { pid in
        let words = RawIO.contents(of: "/proc/\(pid)/cmdline") ?? []
        return String(decoding: words, as: UTF8.self).hasPrefix("taro-copier a@\(instance)")
      }
      return found != nil
    }
    return try #require(found)
  }

  /// Who was left behind goes on, and the copier ends with it.
  private func goOn(_ taro: TaroProgram) throws {
    let copier = try copier(taro)
    try openGate(taro)
    try eventually("its copier ends with it") { kill(copier, 0) != 0 }
  }

  @Test func `it lives, and what it writes goes where it went`() throws {
    let taro = try TaroProgram()
    let script = "echo still here; echo err >&2; printf end; echo alive >done"
    try leaveBehind(taro, script) {
      $0.stdout = .file("\(taro.work)/out")
      $0.stderr = .file("\(taro.work)/err")
    }.finish().expect(code: 0)
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .completed)
    #expect(ending.outputLeftOpen)
    try goOn(taro)
    expect(try Files.text("\(taro.work)/done"), is: "alive\n")
    expect(try Files.text("\(taro.work)/out"), is: "started\nstill here\nend")
    expect(try Files.text("\(taro.work)/err")) { $0.hasSuffix("\nerr\n") }
    // What came later is not recorded, and the record says so.
    try taro.run("output", "a").expect(stdout: "started\n")
    expect(try taro.run("show", "a").text) { $0.contains("wrote later is not recorded") }
  }

  @Test func `a shell that wants the output waits for all of it, as without taro`() throws {
    let taro = try TaroProgram()
    #expect(mkfifo("\(taro.work)/gate", 0o600) == 0)
    // The gate is opened when the run is over, which the shell that waits does not know.
    let script = """
      x=$("$TARO" exec --id a --set output.drain=50ms \
        sh -c '(read x <gate; echo still here) & echo started' 2>/dev/null)
      echo "$x"
      """
    let process = try taro.startShell(script)
    try eventually("the run has ended") { (try? taro.ending(ofJob: "a"))?.state == .completed }
    try openGate(taro)
    try process.finish().expect(code: 0, stdout: "started\nstill here\n")
  }

  @Test func `both streams that are one keep their order`() throws {
    let taro = try TaroProgram()
    let process = try leaveBehind(taro, "for i in 1 2 3; do echo $i; echo $i >&2; done") {
      $0.stdout = .file("\(taro.work)/out")
      $0.stderr = .sameAsStdout
    }
    try process.finish().expect(code: 0)
    try goOn(taro)
    expect(try Files.text("\(taro.work)/out")) { $0.hasSuffix("\n1\n1\n2\n2\n3\n3\n") }
  }

  @Test func `a line without an end waits for no other stream`() throws {
    let taro = try TaroProgram()
    let busy = "(until test -e seen; do echo x >&2; sleep 0.02; done) & printf 'Password: '; wait"
    let process = try leaveBehind(taro, busy) {
      $0.preparation = "exec >>out 2>>err"
    }
    try process.finish().expect(code: 0)
    try openGate(taro)
    try eventually("it is there") {
      try Files.text("\(taro.work)/out").hasSuffix("Password: ")
    }
    try Files.write([], to: "\(taro.work)/seen")
    let copier = try? copier(taro)
    try eventually("it ends") { copier.map { kill($0, 0) != 0 } ?? true }
  }

  @Test func `the copier has nothing but what it copies, and no signal ends it`() throws {
    let taro = try TaroProgram()
    let process = try leaveBehind(taro, "echo still here") {
      $0.stdin = .pipe
      $0.stdout = .file("\(taro.work)/out")
      $0.stderr = .file("\(taro.work)/err")
      $0.preparation = "exec 7</dev/null"
    }
    try process.finish().expect(code: 0)
    let copier = try copier(taro)
    try eventually("it has left the directory") { Files.link("/proc/\(copier)/cwd") == "/" }
    let files = Files.names(in: "/proc/\(copier)/fd").map { fd in
      Files.link("/proc/\(copier)/fd/\(fd)").map { $0.hasPrefix("pipe:") ? "pipe" : $0 } ?? ""
    }
    #expect(files.sorted() == ["\(taro.work)/err", "\(taro.work)/out", "pipe", "pipe"])
    #expect(getpgid(copier) == copier)
    for signal in [SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGALRM, SIGUSR1] { kill(copier, signal) }
    try openGate(taro)
    try eventually("its copier ends with it") { kill(copier, 0) != 0 }
    expect(try Files.text("\(taro.work)/out"), is: "started\nstill here\n")
  }

  @Test func `where the place refuses, who was left behind is told by its own write`() throws {
    let taro = try TaroProgram()
    let script = "trap '' PIPE; until ! echo more; do :; done 2>/dev/null; echo told >done"
    try leaveBehind(taro, script) { $0.stderr = .file("/dev/full") }.finish().expect(code: 0)
    // The test's end of the pipe is closed with the process.
    try openGate(taro)
    try eventually("it was told") { Files.exists("\(taro.work)/done") }
  }

  @Test func `what a quiet run leaves behind writes into nothing, and lives`() throws {
    let taro = try TaroProgram()
    let process = try leaveBehind(
      taro, "echo more; echo more; echo alive >done", options: ["--quiet-on-success"]
    ) {
      $0.stdout = .file("\(taro.work)/out")
    }
    try process.finish().expect(code: 0)
    try openGate(taro)
    try eventually("it has written") { Files.exists("\(taro.work)/done") }
    expect(try Files.text("\(taro.work)/out"), is: "")
  }

  @Test(.enabled(if: TestHost.othersCanExecute, "needs another user"))
  func `where no process can be made taro itself goes on, and says so`() throws {
    let taro = try TaroProgram()
    try taro.shell("mkfifo -m 666 gate").expect(code: 0)
    let user = try OtherUser(taro, id: 64_111)
    let job = "(read x <gate; echo still here) & prlimit -p $PPID --nproc=1:1; echo started"
    let process = try taro.start(
      "exec", "--id", "a", "--set", "output.drain=50ms", "sh", "-c", job
    ) {
      $0.wrapper = user.wrapper
    }
    try expect(process.readLine(), is: "started")
    expect(try process.readLine(.stderr)) { $0.contains("keeps its output open") }
    expect(try process.readLine(.stderr)) { $0.contains("taro does, and ends when they have") }
    try openGate(taro)
    try process.finish().expect(code: 0, stdout: "still here\n")
  }
}
