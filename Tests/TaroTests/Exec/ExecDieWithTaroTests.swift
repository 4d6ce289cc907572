internal import Events
import Glibc
import Linux
import TestSupport
import Testing

/// What becomes of a job whose taro is killed.
@Suite(.temporaryDirectory) struct ExecDieWithTaroTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func isThere(_ pid: Int32) -> Bool { Host.startTime(of: pid) != nil }

  /// Starts a job, and a process below it in a session of its own; kills the runner when both are there.
  private func lose(_ options: [String]) throws -> (job: Int32, below: Int32) {
    let script = "setsid sh -c 'echo $$; exec sleep 1000' & echo $$; exec sleep 1000"
    let words = ["exec", "--id", "a"] + options + ["sh", "-c", script]
    let process = try taro.start(bytes: words.map { Array($0.utf8) })
    let pids = try [process.readLine(), process.readLine()].compactMap { Int32($0) }
    let job = try #require(process.children.first)
    let below = try #require(pids.first { $0 != job })
    _ = try taro.waitForEvent("running") { $0.kind == .state(.running) }
    process.signal(SIGKILL)
    _ = try process.finish()
    return (job, below)
  }

  @Test(arguments: [
    ["--die-with-taro"], ["--set", "termination.with_taro=kill"],
    // These were once started from a thread that ends.
    ["--die-with-taro", "--cwd", "/", "--umask", "077", "--nice", "1"],
  ])
  func `the kernel ends it with taro, and the next taro ends the rest`(options: [String]) throws {
    let (job, below) = try lose(options)
    defer { kill(below, SIGKILL) }
    try eventually("the job has ended") { !isThere(job) }
    #expect(isThere(below))
    try taro.run("hist").expect(code: 0, stderr: "")
    #expect(!isThere(below))
    try expect(taro.created(ofJob: "a")?.diesWithTaro, is: true)
    try expect(taro.ending(ofJob: "a")?.ending.evidence?.childRunning, is: false)
  }

  @Test func `it outlives taro otherwise, is seen, and can be stopped`() throws {
    let (job, below) = try lose([])
    defer { for pid in [job, below] { kill(pid, SIGKILL) } }
    try expect(taro.run("ps").expect(code: 0).text) { $0.contains("LOST (still running)") }
    let document = try taro.run("ps", "-f", "jsonl").expect(code: 0)
    try expect(JSON(parsing: document.text)["still_running"]?.bool, is: true)

    try expect(taro.run("pause", "a").expect(code: 0).text) { $0.contains("-> SIGSTOP sent") }
    try eventually("it is stopped") { Self.state(of: job) == "T" }
    try expect(taro.run("ps").text) { $0.contains("LOST (still there, paused)") }
    try expect(JSON(parsing: taro.run("ps", "-f", "jsonl").text)["paused_by"], is: "STOP")
    try expect(taro.run("show", "a").text) { $0.contains("; it is still there, and paused\n") }
    try expect(taro.run("resume", "a").expect(code: 0).text) { $0.contains("-> SIGCONT sent") }
    try eventually("it goes on") { Self.state(of: job) != "T" }
    try expect(taro.run("ps").text) { $0.contains("LOST (still running)") }
    try expect(taro.run("show", "a").text) { $0.contains("; it still runs\n") }
    try taro.run("pause", "a").expect(code: 0)
    try taro.run("stop", "--force", "--wait", "30s", "a").expect(code: 0, stderr: "")
    #expect(!isThere(job))
    // The group, as its runner would.
    #expect(isThere(below))
    try taro.run("stop", "--force", "a").expect(code: 1)
    try expect(taro.run("ps").expect(code: 0).text.contains("LOST"), is: false)

    let requests = try taro.events().filter { $0.kind == .orphanRequested }
      .map { OrphanRequest($0.json) }
    #expect(
      requests.map(\.kind) == [.pauseRequested, .resumeRequested, .pauseRequested, .stopRequested])
    #expect(requests.allSatisfy { $0.job == "a" && $0.request.by.uid == Int64(getuid()) })
    try expect(taro.ending(ofJob: "a")?.state, is: .lost)
    try expect(taro.firstBrokenLink()) { $0 == nil }
  }

  @Test func `stop --kill ends all that a lost run has left behind`() throws {
    let (job, below) = try lose([])
    defer { for pid in [job, below] { kill(pid, SIGKILL) } }
    try taro.run("stop", "--force", "--kill", "--wait", "30s", "a").expect(code: 0, stderr: "")
    #expect(!isThere(job))
    #expect(!isThere(below))
  }

  @Test func `a run again has it too`() throws {
    try taro.run("exec", "--id", "a", "--die-with-taro", "true").expect(code: 0)
    try taro.run("rerun", "a").expect(code: 0)
    try expect(taro.created(ofJob: "a")?.diesWithTaro, is: true)
  }

  private static func state(of pid: Int32) -> Character? {
    let stat = String(decoding: RawIO.contents(of: "/proc/\(pid)/stat") ?? [], as: UTF8.self)
    return stat.split(separator: ")").last?.first { $0 != " " }
  }
}
