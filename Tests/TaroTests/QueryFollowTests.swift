import Glibc
import Ledger
import TestSupport
import Testing

@Suite("taro tail -f", .temporaryDirectory)
struct QueryFollowTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  @Test("shows each line as it is printed, and ends with the run")
  func follows() throws {
    let job = try taro.startJob("a")
    try job.say("before")
    try taro.waitForEvent { $0.kind == .output }
    let tail = try taro.start("tail", "-f", "a")
    #expect(try tail.readLine() == "before")
    for number in 0..<50 {
      try job.say("line \(number)")
      #expect(try tail.readLine() == "line \(number)")
    }
    job.closeInput()
    try job.finish().expect(code: 0)
    try tail.finish().expect(code: 0, stdout: "", stderr: "")
  }

  @Test("misses and repeats nothing of a run that prints all the time")
  func exact() throws {
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
      #expect(try tail.finish().expect(code: 0).text == expected)
    }
  }

  @Test("shows one stream alone")
  func oneStream() throws {
    let job = try taro.startJob("a")
    let tail = try taro.start("tail", "-f", "--stderr", "a")
    try tail.waitUntilWatching()
    try job.say("out")
    try job.say("err 1")
    #expect(try tail.readLine() == "err 1")
    try job.say("out")
    try job.say("err 2")
    #expect(try tail.readLine() == "err 2")
    job.closeInput()
    try tail.finish().expect(code: 0, stdout: "")
  }

  @Test("waits for a job's first run, and says so")
  func firstRun() throws {
    let tail = try taro.start("tail", "-f", "new")
    #expect(try tail.readLine(.stderr).contains("nothing has been run as new yet"))
    try taro.exec("other", "echo", "other")
    try taro.exec("new", "echo", "first")
    try tail.finish().expect(code: 0, stdout: "first\n")
  }

  @Test("shows a job's last run, and then its next")
  func nextRun() throws {
    try taro.exec("a", "echo", "old")
    let tail = try taro.start("tail", "-f", "a")
    #expect(try tail.readLine().normalized == "a@IIIIIIIIIIIIIIII")
    #expect(try tail.readLine() == "old")
    try taro.exec("a", "echo", "new")
    let rest = try tail.finish().expect(code: 0, stderr: "").text.normalized
    #expect(rest == "a@IIIIIIIIIIIIIIII\nnew\n")
  }

  @Test("waits for the next run of each job that is named")
  func nextOfSeveral() throws {
    let running = try taro.startJob("running")
    let tail = try taro.start("tail", "-f", "running", "one", "two")
    _ = try tail.readLine(.stderr)
    _ = try tail.readLine(.stderr)
    try taro.exec("two", "echo", "of two")
    running.closeInput()
    try running.finish().expect(code: 0)
    try taro.exec("one", "echo", "of one")
    let lines = try tail.finish().expect(code: 0).lines
    #expect(lines.contains("of two") && lines.contains("of one"))
  }

  @Test("of an instance that has ended ends at once")
  func endedInstance() throws {
    try taro.exec("a", "echo", "one")
    try taro.run("tail", "-f", try taro.instance("a")).expect(code: 0, stdout: "one\n", stderr: "")
  }

  @Test("of several says who printed what, once for each change")
  func several() throws {
    let jobs = try ["a", "b"].map { try taro.startJob($0) }
    let tail = try taro.start("tail", "-f", "-n", "0")
    let first = try [tail.readLine(), tail.readLine()].map(\.normalized)
    #expect(first == ["a@IIIIIIIIIIIIIIII", "b@IIIIIIIIIIIIIIII"])
    for (index, line) in [(0, "1"), (0, "2"), (1, "3"), (0, "4")] {
      try jobs[index].say(line)
      var shown = try tail.readLine()
      if shown.contains("@") {
        #expect(shown.hasPrefix(index == 0 ? "a@" : "b@"))
        #expect(line != "2", "the same instance goes on")
        shown = try tail.readLine()
      }
      #expect(shown == line)
    }
    // What is started later is followed too.
    try taro.exec("c", "echo", "late")
    #expect(try tail.readLine().hasPrefix("c@"))
    #expect(try tail.readLine() == "late")
    for job in jobs {
      job.closeInput()
      try job.finish().expect(code: 0)
    }
    try tail.end(with: SIGTERM).expect(code: 0, stderr: "")
  }

  @Test("ends well when it is told to", arguments: [SIGINT, SIGTERM])
  func signals(signal: Int32) throws {
    let tail = try taro.start("tail", "-f")
    try tail.waitUntilWatching()
    try tail.end(with: signal).expect(code: 0, stdout: "", stderr: "")
  }

  @Test("ends when the runner was killed, within five seconds")
  func killedRunner() throws {
    let job = try taro.startJob("a")
    let tail = try taro.start("tail", "-f", "a")
    try tail.waitUntilWatching()
    try taro.killRunner(of: job)
    try tail.finish().expect(code: 0)
  }
}
