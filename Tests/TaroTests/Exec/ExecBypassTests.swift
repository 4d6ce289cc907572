internal import Events
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct ExecBypassTests {
  @Test func `the job's stdout and stderr are taro's own, and nothing is recorded`() throws {
    let taro = try TaroProgram()
    let script = "readlink /proc/$$/fd/1; readlink /proc/$$/fd/2 >&2; exit 3"
    let (out, err) = ("\(taro.work)/out", "\(taro.work)/err")
    try taro.run("exec", "-b", "--id", "a", "sh", "-c", script) {
      $0.stdout = .file(out)
      $0.stderr = .file(err)
    }.expect(code: 3)
    try expect(Files.text(out), is: out + "\n")
    try expect(Files.text(err), is: err + "\n")
    try expect(
      taro.events().map(\.kind), is: [.state(.created), .state(.running), .state(.failed)])
    let shown = try taro.run("show", "a", "-f", "json").expect(code: 0, stderr: "")
    let document = try JSON(parsing: shown.text)
    #expect(document["output"] == .null)
    #expect(document["exit_code"] == 3)
  }

  @Test func `a job that keeps its output is stopped and interrupted like any other`() throws {
    let taro = try TaroProgram()
    let process = try taro.start(
      "exec", "--bypass-output", "--id", "a", "sh", "-c", "echo ready; read x"
    ) {
      $0.stdin = .pipe
    }
    try expect(process.readLine(), is: "ready")
    try taro.run("stop", "--force", "--wait", "30s", "a").expect(code: 0, stderr: "")
    try process.finish().expect(code: 143, stdout: "", stderr: "")
    try expect(taro.ending(ofJob: "a")?.state, is: .stopped)
  }

  @Test func `closed streams stay closed`() throws {
    let taro = try TaroProgram()
    let script = "test -e /proc/$$/fd/1 || test -e /proc/$$/fd/2 || exit 3"
    try taro.run("exec", "-b", "sh", "-c", script) {
      $0.stdout = .closed
      $0.stderr = .closed
    }.expect(code: 3)
  }
}
