internal import Events
import Glibc
import Linux
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct ExecDetachTests {
  /// A job that goes on until the test lets it: it waits for somebody to open the FIFO `go`.
  private static let waiting = "echo begun; cat <go >got; exit 3"

  private func program() throws -> TaroProgram {
    let taro = try TaroProgram()
    try taro.shell("mkfifo go").expect(code: 0)
    return taro
  }

  private func letGo(_ taro: TaroProgram) throws {
    try taro.shell("echo go >go").expect(code: 0)
  }

  /// With the shell waiting for the end of whatever holds its pipe, and descriptor 7 the same pipe.
  @Test func `the caller is told the instance and nothing holds it up`() throws {
    let taro = try program()
    let script = """
      name=$("$TARO" exec --id a --detach sh -c '\(Self.waiting)' 7>&1 2>&1)
      echo "$name"
      """
    let result = try taro.shell(script).expect(code: 0, stderr: "")
    let created = try #require(try taro.events(ofJob: "a").first)
    let instance = try #require(created.instance)
    #expect(result.text == "a@\(instance)\n")
    #expect(!Files.exists("\(taro.work)/got"))
    try letGo(taro)
    _ = try taro.waitForEvent("its end") { $0.kind.isTerminal }
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .failed)
    #expect(ending.exitCode == 3)
    try taro.run("output", "a").expect(code: 0, stdout: "begun\n", stderr: "")
  }

  @Test func `it is in a session of its own, without descriptors of the caller's`() throws {
    let taro = try TaroProgram()
    let script = "readlink /proc/self/fd/0; ls /proc/self/fd; ps -o sid= -p $PPID; echo $PPID"
    try taro.run("exec", "--id", "a", "--detach", "sh", "-c", script) {
      $0.preparation = "exec 7</dev/null"
    }.expect(code: 0, stderr: "")
    _ = try taro.waitForEvent("its end") { $0.kind.isTerminal }
    let lines = try taro.run("output", "a").expect(code: 0, stderr: "").lines
      .map { String($0.drop { $0 == " " }) }
    // ls has the directory open as 3.
    #expect(lines.prefix(5) == ["/dev/null", "0", "1", "2", "3"])
    #expect(lines.count == 7)
    try expect(lines.at(5), is: lines.at(6), "the runner leads its session: \(lines)")
  }

  @Test func `with -b its output goes nowhere`() throws {
    let taro = try TaroProgram()
    let result = try taro.run(
      "exec", "--id", "a", "-b", "--detach", "sh", "-c", "echo out; echo err >&2")
    result.expect(code: 0, stderr: "")
    #expect(result.lines.count == 1)
    _ = try taro.waitForEvent("its end") { $0.kind == .state(.completed) }
  }

  @Test func `a stop reaches it, and who started it is recorded`() throws {
    let taro = try program()
    try taro.shell("\"$TARO\" exec --id a --detach sh -c '\(Self.waiting)'; :")
      .expect(code: 0, stderr: "")
    let created = try #require(try taro.created(ofJob: "a"))
    #expect(created.parent == "sh")
    _ = try taro.waitForEvent("its start") { $0.kind == .state(.running) }
    try taro.run("stop", "--force", "--wait", "20s", "a").expect(code: 0)
    try expect(taro.ending(ofJob: "a")?.state, is: .stopped)
  }

  @Test func `without a ledger it runs and that is said`() throws {
    let taro = try TaroProgram()
    let result = try taro.run(
      "exec", "--id", "a", "--ledger", "/dev/null/x", "--detach", "touch", "ran")
    result.expect(code: 0).expectOneLine(about: "kept in \(taro.runtime)")
    #expect(result.text.hasPrefix("a@"))
    try eventually("it has run") { Files.exists("\(taro.work)/ran") }
  }

  @Test func `with --require-ledger it does not run, and the caller has the exit code`() throws {
    let taro = try TaroProgram()
    try taro.run(
      "exec", "--ledger", "/dev/null/x", "--require-ledger", "--detach", "touch", "ran"
    ).expect(code: 125, stdout: "").expectOneLine(about: "not recorded")
    #expect(!Files.exists("\(taro.work)/ran"))
  }

  @Test func `a bad option is told at once`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--detach", "--umask", "x", "true").expect(code: 64, stdout: "")
  }

  @Test func `a command that cannot be executed is seen in the history`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "--detach", "/no/such").expect(code: 0, stderr: "")
    _ = try taro.waitForEvent("its end") { $0.kind == .state(.startFailed) }
  }

  @Test func `where SIGCHLD is ignored it works as ever`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--ledger", "/dev/null/x", "--require-ledger", "--detach", "true") {
      $0.preparation = "trap '' CHLD"
    }.expect(code: 125, stdout: "")
  }
}
