internal import Events
internal import Ledger
import Linux
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct ExecInheritanceTests {
  @Test func `stdin is the job's`() throws {
    let taro = try TaroProgram()
    let bytes = try Files.randomBytes(100_000)
    try Files.write(bytes, to: "\(taro.work)/input")
    let result = try taro.start(bytes: ["exec", "cat"].map { Array($0.utf8) }) {
      $0.stdin = .file("\(taro.work)/input")
    }.finish()
    result.expect(code: 0, stderr: "")
    result.expectStdout(bytes)
  }

  @Test func `what is typed reaches the job while it runs`() throws {
    let taro = try TaroProgram()
    let process = try taro.start("exec", "cat") { $0.stdin = .pipe }
    for line in ["one", "two"] {
      try process.write(line + "\n")
      try expect(process.readLine(), is: line)
    }
    process.closeInput()
    try process.finish().expect(code: 0, stdout: "", stderr: "")
  }

  @Test(arguments: [true, false])
  func `a closed stdin stays closed`(isClosed: Bool) throws {
    let taro = try TaroProgram()
    try taro.run("exec", "sh", "-c", "test -e /proc/$$/fd/0 && echo open || echo closed") {
      if isClosed { $0.stdin = .closed }
    }.expect(code: 0, stdout: isClosed ? "closed\n" : "open\n", stderr: "")
  }

  @Test func `with everything closed the job finds everything closed, and is recorded`() throws {
    let taro = try TaroProgram()
    let script = "for fd in 0 1 2; do test -e /proc/$$/fd/$fd && exit 1; done; exit 3"
    try taro.run("exec", "--id", "a", "sh", "-c", script) {
      $0.stdin = .closed
      $0.stdout = .closed
      $0.stderr = .closed
    }.expect(code: 3)
    try expect(taro.created(ofJob: "a")?.uncaptured, is: ["stdout", "stderr"])
    try taro.run("output", "a").expect(code: 0, stdout: "", stderr: "")
  }

  @Test(arguments: ["1>&-", "1</dev/null"])
  func `a stdout that takes nothing is the job's as it is, and stderr is recorded`(
    redirection: String
  ) throws {
    let taro = try TaroProgram()
    try taro.shell("\"$TARO\" exec --id a sh -c 'echo out || echo no >&2' \(redirection)")
      .expect(code: 0, stdout: "")
    try expect(taro.created(ofJob: "a")?.uncaptured, is: ["stdout"])
    try expect(taro.run("output", "a", "--stderr").text) { $0.hasSuffix("no\n") }
    try expect(taro.run("show", "a").text) { $0.contains("stdout was closed") }
  }

  /// ls has the directory open that it lists, as the lowest number that is free, with taro or without.
  @Test(arguments: ["-b", "--id=a"])
  func `no descriptor of taro's is in the job, and inherited ones are`(option: String) throws {
    let taro = try TaroProgram()
    let script = """
      exec 7</dev/null
      "$TARO" exec \(option) ls /proc/self/fd >with
      ls /proc/self/fd >without
      cmp with without && grep -x 7 with
      """
    try taro.shell(script).expect(code: 0, stdout: "7\n", stderr: "")
  }

  @Test func `an inherited descriptor is the same file in the job`() throws {
    let taro = try TaroProgram()
    try Files.write(Array("through seven\n".utf8), to: "\(taro.work)/seven")
    try taro.run("exec", "sh", "-c", "cat <&7") { $0.preparation = "exec 7<seven" }
      .expect(code: 0, stdout: "through seven\n", stderr: "")
  }

  @Test func `the environment is unchanged, and says who the job is`() throws {
    let taro = try TaroProgram()
    let result = try taro.run("exec", "--id", "a", "env", "-0") {
      $0.environment = ["EMPTY": "", "LINES": "a\nb", "SIGN": "a=b", "TARO_X": "y"]
    }.expect(code: 0, stderr: "")
    let instance = try #require(try taro.events(ofJob: "a").first?.instance)
    let wanted = taro.environment.merging(
      [
        "EMPTY": "", "LINES": "a\nb", "SIGN": "a=b", "TARO_X": "y", "TARO_JOB": "a",
        "TARO_INSTANCE": instance.text,
      ]
    ) { $1 }.map { "\($0)=\($1)" }
    let found = result.stdout.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    #expect(found.sorted() == wanted.sorted())
  }

  @Test func `directory, umask and limits are the job's and recorded`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "sh", "-c", "pwd -P; umask; ulimit -n") {
      $0.preparation = "umask 027; ulimit -n 77"
    }.expect(code: 0, stdout: "\(taro.work)\n0027\n77\n", stderr: "")
    let created = try #require(try taro.created(ofJob: "a"))
    #expect(created.cwd == taro.work)
    #expect(created.umask == "0027")
  }

  @Test func `a directory that is gone does not keep the job from running`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "false") {
      $0.preparation = "mkdir gone; cd gone; rmdir ../gone"
    }.expect(code: 1, stdout: "", stderr: "")
    try expect(taro.ending(ofJob: "a")?.state, is: .failed)
  }

  @Test func `the ledger's files are private whatever the umask`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true") { $0.preparation = "umask 0" }.expect(code: 0, stderr: "")
    #expect(Files.mode(taro.ledger.path) == 0o700)
    #expect(Files.mode(taro.ledger.database) == 0o600)
    #expect(Files.mode(taro.ledger.runDirectory) == 0o700)
  }

  /// SIGPIPE is ignored by taro itself, and SIGCHLD has to have its default for a job's end to be told.
  @Test(arguments: [[], ["HUP"], ["PIPE"], ["INT", "QUIT"], ["TERM", "USR1", "TSTP"]])
  func `the job ignores and blocks the signals that taro was started with`(
    ignored: [String]
  ) throws {
    let taro = try TaroProgram()
    let result = try taro.run("exec", "grep", "-E", "^Sig(Blk|Ign):", "/proc/self/status") {
      if !ignored.isEmpty { $0.preparation = "trap '' \(ignored.joined(separator: " "))" }
    }.expect(code: 0, stderr: "")
    let bits = ignored.compactMap(Signals.number).reduce(UInt64(0)) { $0 | 1 << UInt64($1 - 1) }
    // Without the real-time signals, some of which the C library uses for itself.
    let fields = try result.lines.map {
      UInt64(try $0.split(separator: "\t").at(1), radix: 16).map { $0 & 0x7fff_ffff }
    }
    #expect(fields == [0, bits])
  }

  @Test func `an exit code is told where SIGCHLD was ignored`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "sh", "-c", "exit 3") { $0.preparation = "trap '' CHLD" }
      .expect(code: 3, stderr: "")
  }
}
