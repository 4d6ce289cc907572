internal import Events
import Glibc
import Linux
import TestSupport
import Testing

/// Processes that the job leaves behind, with its output open.
@Suite(.temporaryDirectory) struct ExecDrainTests {
  @Test func `what is left behind with the output open is waited for five seconds`() throws {
    let taro = try TaroProgram()
    let started = MonotonicTime.now
    let result = try taro.run(
      "exec", "--id", "a", "sh", "-c", "echo out; sleep 1000 & echo $!; exit 3"
    )
    .expect(code: 3).expectOneLine(about: "keeps its output open")
    let seconds = (MonotonicTime.now - started) / 1_000_000
    #expect(seconds >= 5)
    let grandchild = try #require(result.lines.last.flatMap { Int32($0) })
    #expect(kill(grandchild, SIGKILL) == 0)
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .failed)
    #expect(ending.outputLeftOpen)
    try taro.run("output", "a").expect(code: 0, stdout: "out\n\(grandchild)\n")
  }

  @Test func `what a process left behind writes in time is recorded`() throws {
    let taro = try TaroProgram()
    // Through 3, for the stdin of what a shell leaves behind is /dev/null.
    let script = "exec 3<&0; { read x <&3; echo late $x; } & echo early; exit 3"
    let words = ["exec", "--id", "a", "--set", "output.drain=60s", "sh", "-c", script]
    let process = try taro.start(bytes: words.map { Array($0.utf8) }) { $0.stdin = .pipe }
    try expect(process.readLine(), is: "early")
    let job = try #require(process.children.first)
    // It is a zombie until all is read.
    try eventually("the job has ended") { Host.startTime(of: job) == nil }
    try process.write("go\n")
    try process.finish().expect(code: 3, stdout: "late go\n", stderr: "")
    try taro.run("output", "a").expect(code: 0, stdout: "early\nlate go\n")
    try expect(taro.ending(ofJob: "a")?.ending.outputLeftOpen, is: false)
  }

  @Test func `a process left behind without the output is not waited for`() throws {
    let taro = try TaroProgram()
    let script = "sleep 1000 >/dev/null 2>&1 & echo $!"
    let result = try taro.run("exec", "--id", "a", "sh", "-c", script).expect(code: 0, stderr: "")
    let grandchild = try #require(result.lines.last.flatMap { Int32($0) })
    #expect(kill(grandchild, SIGKILL) == 0)
  }
}
