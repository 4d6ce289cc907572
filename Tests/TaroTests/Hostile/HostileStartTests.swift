internal import Events
import Glibc
import Linux
import TestSupport
import Testing

/// What a run needs at its start, and may not be there.
@Suite("Hostile starts", .temporaryDirectory)
struct HostileStartTests {
  /// taro itself takes one place, the job the other.
  @Test(.enabled(if: TestHost.othersCanExecute), arguments: 2...4)
  func `where few processes are allowed the job has its place before taro's threads`(
    processes: Int
  ) throws {
    let taro = try TaroProgram()
    // A user of this case alone: the limit counts all processes of a user.
    let user = try OtherUser(taro, id: 54_330 + processes)
    let script = "echo out; echo err >&2; exit 3"
    try taro.run("exec", "--id", "a", "--warn-output", "^out", "sh", "-c", script) {
      $0.wrapper = user.wrapper + ["prlimit", "--nproc=\(processes)", "--"]
    }.expect(code: 3, stdout: "out\n", stderr: "err\n")
    try user.leave()
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .failed)
    #expect(ending.output?.stdoutBytes == 4)
    #expect(ending.output?.stderrBytes == 4)
    try expect(taro.events(ofJob: "a")) { $0.contains { $0.kind == .warning } }
    try expect(taro.firstBrokenLink()) { $0 == nil }
  }

  /// The directories of PATH that this user may not look into are not to blame.
  @Test(.enabled(if: TestHost.othersCanExecute), arguments: [[], ["--detach"]])
  func `where no process is allowed the limit is named, and what to do`(options: [String]) throws {
    let taro = try TaroProgram()
    let user = try OtherUser(taro, id: 54_331)
    let words = ["exec", "--id", "a"] + options + ["echo", "out"]
    let result = try taro.start(bytes: words.map { Array($0.utf8) }) {
      $0.environment["PATH"] = "/root/bin:/usr/bin:/bin"
      $0.wrapper = user.wrapper + ["prlimit", "--nproc=1", "--"]
    }.finish()
    result.expect(code: options.isEmpty ? 126 : EX_OSERR, stdout: "").expectOneLine(
      about: options.isEmpty ? "echo: cannot be started: " : "cannot go to the background: ",
      "no process can be made", "user 54331 may have 1 (ulimit -u)", "raise that")
    #expect(!result.stderr.contains("/root"))
    try user.leave()
    guard options.isEmpty else { return }
    try expect(taro.ending(ofJob: "a")?.state, is: .startFailed)
  }

  @Test(arguments: [("EAGAIN", "end some, or raise that"), ("ENOMEM", "memory.max")])
  func `why no process can be made is said`(error: String, remedy: String) throws {
    let taro = try TaroProgram()
    try taro.run("exec", "echo", "out") {
      $0.wrapper = [
        "strace", "-qq", "-f", "-o", "/dev/null", "-e", "trace=vfork", "-e",
        "inject=vfork:error=\(error)",
      ]
    }.expect(code: 126, stdout: "").expectOneLine(about: "echo: cannot be started", remedy)
  }

  @Test(.enabled(if: TestHost.canMount))
  func `without /dev/null a run goes to the background, and what it says is taken`() throws {
    let taro = try TaroProgram()
    let script = """
      mount -t tmpfs none /dev
      "$TARO" exec --id a --detach sh -c 'cat; echo end of input; seq 100000; exit 3'
      """
    let result = try taro.shell(script) { $0.wrapper = ["unshare", "-m"] }
    result.expect(code: 0, stderr: "")
    _ = try taro.waitForEvent("its end") { $0.kind.isTerminal }
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .failed)
    #expect(ending.exitCode == 3)
    #expect(ending.output?.lines == 100_001)
  }

  @Test(.enabled(if: TestHost.canMount), arguments: ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
  func `without /dev/null no file of taro's takes a closed descriptor's number`(
    redirection: String
  ) throws {
    let taro = try TaroProgram()
    let script = """
      mount -t tmpfs none /dev
      "$TARO" exec --id a sh -c 'exit 3' \(redirection)
      """
    try taro.shell(script) { $0.wrapper = ["unshare", "-m"] }.expect(
      code: 3, stdout: "", stderr: "")
    try expect(taro.ending(ofJob: "a")?.state, is: .failed)
    try expect(taro.firstBrokenLink()) { $0 == nil }
  }

  /// Swift's runtime looks for its backtracer before main, by the path that /proc has.
  @Test(.enabled(if: TestHost.canMount))
  func `without /proc the job runs, with its environment and nothing on stderr`() throws {
    let taro = try TaroProgram()
    let script = """
      mount -t tmpfs none /proc
      "$TARO" exec --id a sh -c 'env | grep -c SWIFT; exit 3'
      """
    try taro.shell(script) { $0.wrapper = ["unshare", "-m"] }
      .expect(code: 3, stdout: "0\n", stderr: "")
    try expect(taro.ending(ofJob: "a")?.ending.exitCode, is: 3)
  }

  @Test(arguments: [
    "ulimit -s 128", "ulimit -s unlimited", "ulimit -v 400000", "ulimit -c 0", "exec 9<&-",
  ])
  func `odd limits`(preparation: String) throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "sh", "-c", "echo out; exit 3") {
      $0.preparation = preparation
    }.expect(code: 3, stdout: "out\n", stderr: "")
    try expect(taro.ending(ofJob: "a")?.state, is: .failed)
  }
}
