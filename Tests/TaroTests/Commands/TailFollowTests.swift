internal import Events
import Glibc
import TestSupport
import Testing

@Suite("taro tail -f", .temporaryDirectory)
struct TailFollowTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  @Test func `shows each line as it is printed, and ends with the run`() throws {
    let job = try taro.startJob("a")
    try job.say("before")
    try taro.waitForEvent { $0.kind == .output }
    let tail = try taro.start("tail", "-f", "a")
    try expect(tail.readLine(), is: "before")
    for number in 0..<50 {
      try job.say("line \(number)")
      try expect(tail.readLine(), is: "line \(number)")
    }
    job.closeInput()
    try job.finish().expect(code: 0)
    try tail.finish().expect(code: 0, stdout: "", stderr: "")
  }

  @Test func `misses and repeats nothing of a run that prints all the time`() throws {
    let script = "i=0; while [ $i -lt 30000 ]; do echo $i; i=$((i+1)); done"
    let job = try taro.start("exec", "--id", "a", "sh", "-c", script) {
      $0.stdout = .file("/dev/null")
    }
    try taro.run("wait", "a", "--past", "-s", "running", "completed").expect(code: 0)
    let instance = try taro.instance("a")
    let tails = try (0..<3).map { _ in try taro.start("tail", "-f", "-n", "1000000", instance) }
    try job.finish().expect(code: 0)
    let expected = (0..<30_000).map { "\($0)\n" }.joined()
    for tail in tails {
      try expect(tail.finish().expect(code: 0).text, is: expected)
    }
  }

  @Test func `shows one stream alone`() throws {
    let job = try taro.startJob("a")
    let tail = try taro.start("tail", "-f", "--stderr", "a")
    try tail.waitUntilWatching()
    try job.say("out")
    try job.say("err 1")
    try expect(tail.readLine(), is: "err 1")
    try job.say("out")
    try job.say("err 2")
    try expect(tail.readLine(), is: "err 2")
    job.closeInput()
    try tail.finish().expect(code: 0, stdout: "")
  }

  @Test func `waits for a job's first run, and says so`() throws {
    let tail = try taro.start("tail", "-f", "new")
    try expect(tail.readLine(.stderr)) { $0.contains("nothing has been run as new yet") }
    try taro.exec("other", "echo", "other")
    try taro.exec("new", "echo", "first")
    try tail.finish().expect(code: 0, stdout: "first\n")
  }

  @Test func `shows a job's last run, and then its next`() throws {
    try taro.exec("a", "echo", "old")
    let tail = try taro.start("tail", "-f", "a")
    try expect(tail.readLine().normalized, is: "a@IIIIIIIIIIIIIIII")
    try expect(tail.readLine(), is: "old")
    try taro.exec("a", "echo", "new")
    let rest = try tail.finish().expect(code: 0, stderr: "").text.normalized
    #expect(rest == "a@IIIIIIIIIIIIIIII\nnew\n")
  }

  @Test func `waits for the next run of each job that is named`() throws {
    let running = try taro.startJob("running")
    let tail = try taro.start("tail", "-f", "running", "one", "two")
    _ = try tail.readLine(.stderr)
    _ = try tail.readLine(.stderr)
    try taro.exec("two", "echo", "of two")
    running.closeInput()
    try running.finish().expect(code: 0)
    try taro.exec("one", "echo", "of one")
    let lines = try tail.finish().expect(code: 0).lines
    #expect(lines.contains("two | of two"))
    #expect(lines.contains("one | of one"))
  }

  @Test func `of an instance that has ended ends at once`() throws {
    try taro.exec("a", "echo", "one")
    try taro.run("tail", "-f", try taro.instance("a")).expect(code: 0, stdout: "one\n", stderr: "")
  }

  @Test func `of several says before each line who printed it`() throws {
    let jobs = try ["a", "b"].map { try taro.startJob($0) }
    let tail = try taro.start("tail", "-f", "-n", "0")
    try tail.waitUntilWatching()
    for (index, line) in [(0, "1"), (0, "2"), (1, "3"), (0, "4")] {
      try jobs[index].say(line)
      try expect(tail.readLine(), is: "\(index == 0 ? "a" : "b") | \(line)")
    }
    // What is started later is followed too.
    try taro.exec("c", "echo", "late")
    try expect(tail.readLine(), is: "c | late")
    for job in jobs {
      job.closeInput()
      try job.finish().expect(code: 0)
    }
    try tail.end(with: SIGTERM).expect(code: 0, stderr: "")
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `ends well when it is told to`(signal: Int32) throws {
    let tail = try taro.start("tail", "-f")
    try tail.waitUntilWatching()
    try tail.end(with: signal).expect(code: 0, stdout: "", stderr: "")
  }

  @Test func `ends when the runner was killed, within five seconds`() throws {
    let job = try taro.startJob("a")
    let tail = try taro.start("tail", "-f", "a")
    try tail.waitUntilWatching()
    try taro.killRunner(of: job)
    try tail.finish().expect(code: 0)
  }
}
