internal import Events
import Glibc
import Linux
import TestSupport
import Testing

/// Processes of a job that have left its group, its session or their parent.
@Suite(.temporaryDirectory) struct ExecJobProcessesTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func isThere(_ pid: Int32) -> Bool { Host.startTime(of: pid) != nil }

  private func pid(_ process: TaroProcess) throws -> Int32 {
    try #require(Int32(try process.readLine()))
  }

  @Test(arguments: [
    // A group of its own, as of a shell with job control.
    "set -m; sleep 1000 & echo $!; wait",
    "setsid sleep 1000 & echo $!; wait",
    // Without its parent, its output elsewhere, and deaf.
    "setsid sh -c 'trap \"\" TERM HUP; echo $$; exec >/dev/null 2>&1; while :; do sleep 1; done' & wait",
  ])
  func `the last step ends every process of a job`(script: String) throws {
    let process = try taro.start(
      "exec", "--id", "a", "--kill-after", "300ms", "bash", "-c", script)
    let left = try pid(process)
    defer { kill(left, SIGKILL) }
    try eventually("it has left the job's group") { getpgid(left) == left }
    _ = try taro.waitForEvent("running") { $0.kind == .state(.running) }
    process.signal(SIGTERM)
    try process.finish().expect(code: 143, stderr: "")
    #expect(!isThere(left))
    let kinds = try taro.events(ofJob: "a").map(\.kind)
    #expect(kinds.contains(.signalRequested))
    #expect(kinds.last == .state(.interrupted))
  }

  @Test func `what ends in time is not waited for any longer`() throws {
    let script = "setsid sh -c 'trap \"exit 0\" USR1; echo $$; while :; do sleep 0.05; done' & wait"
    let process = try taro.start("exec", "--id", "a", "--kill-after", "1h", "sh", "-c", script)
    let left = try pid(process)
    defer { kill(left, SIGKILL) }
    _ = try taro.waitForEvent("running") { $0.kind == .state(.running) }
    process.signal(SIGTERM)
    _ = try taro.waitForEvent("asked") { $0.kind == .interruptRequested }
    kill(left, SIGUSR1)
    try process.finish().expect(code: 143)
    try expect(taro.events(ofJob: "a").contains { $0.kind == .signalRequested }, is: false)
  }

  @Test func `without a last step what has left the group goes on`() throws {
    let script = "setsid sh -c 'echo $$; exec >/dev/null 2>&1; exec sleep 1000' & wait"
    let process = try taro.start("exec", "--id", "a", "sh", "-c", script)
    let left = try pid(process)
    defer { kill(left, SIGKILL) }
    process.signal(SIGTERM)
    try process.finish().expect(code: 143)
    #expect(isThere(left))
  }

  @Test func `taro stop --kill ends every process of a job`() throws {
    let process = try taro.start(
      "exec", "--id", "a", "sh", "-c", "setsid sh -c 'echo $$; exec sleep 1000' & wait")
    let left = try pid(process)
    defer { kill(left, SIGKILL) }
    try taro.run("stop", "--force", "--kill", "--wait", "30s", "a").expect(code: 0)
    try process.finish().expect(code: 137)
    #expect(!isThere(left))
  }

  @Test func `orphans are reaped, as pid 1 has to`() throws {
    let process = try taro.start(
      "exec", "--id", "a", "sh", "-c", "(sh -c 'echo $$' &); read x"
    ) { $0.stdin = .pipe }
    let orphan = try pid(process)
    try eventually("it is no zombie") { Host.startTime(of: orphan, zombiesCount: true) == nil }
    process.closeInput()
    try process.finish().expect(code: 1)
  }

  @Test func `while something of the job keeps its output open nobody gets its pid`() throws {
    let process = try taro.start(
      "exec", "--id", "a", "--set", "output.drain=60s", "sh", "-c",
      "exec 3<&0; (sh -c 'exit 0' & read x <&3) & echo $$; exit 0"
    ) { $0.stdin = .pipe }
    let job = try pid(process)
    try eventually("it is a zombie") {
      Host.startTime(of: job) == nil && Host.startTime(of: job, zombiesCount: true) != nil
    }
    // The whole while, also when other children have ended meanwhile.
    try eventually("no other is") { process.children.filter { $0 != job }.count == 1 }
    #expect(getpgid(job) == job)
    try taro.run("stop", "--force", "--wait", "30s", "a").expect(code: 0)
    try process.finish().expect(code: 0)
    try expect(taro.ending(ofJob: "a")?.state, is: .completed)
  }
}
