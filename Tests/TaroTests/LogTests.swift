internal import Events
import Glibc
import Linux
import TestSupport
import Testing

/// The log of all executions, in the original's format.
@Suite(.temporaryDirectory) struct LogTests {
  private static var time: Regex<Substring> { #/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - /# }

  /// The lines without their times; each has to have one.
  private func lines(_ path: String) throws -> [String] {
    try Files.lines(path).map { line in
      #expect(line.firstMatch(of: Self.time) != nil, "\(line)")
      return line.replacing(Self.time, with: "")
    }
  }

  private func options(_ log: String) -> [String] {
    ["--set", "log.mode=on", "--set", "log.file.path=\(log)", "--set", "log.stdout.level=off"]
  }

  @discardableResult
  private func exec(
    _ taro: TaroProgram, _ log: String, _ words: String...,
    change: (inout TaroProgram.Setup) -> Void = { _ in }
  ) throws -> TaroResult {
    let arguments = ["exec"] + options(log) + words
    return try taro.start(bytes: arguments.map { Array($0.utf8) }, change: change).finish()
  }

  private func change(_ name: String, _ old: String, _ new: String, level: String = "INFO ")
    -> String
  {
    "\(level) - taro.jobs.runner - event=[job_state_changed] instance=[\(name)] "
      + "prev_state=[\(old)] new_state=[\(new)]"
  }

  private func name(_ taro: TaroProgram, _ job: String) throws -> String {
    let event = try #require(try taro.events(ofJob: job).last)
    return "\(job)@\(try #require(event.instance))"
  }

  @Test func `has a line for each change of a state`() throws {
    let taro = try TaroProgram()
    let log = "\(taro.root)/log"
    try exec(taro, log, "--id", "a", "true").expect(code: 0, stdout: "", stderr: "")
    let name = try name(taro, "a")
    try expect(
      lines(log),
      is: [
        change(name, "NONE", "CREATED"), change(name, "CREATED", "RUNNING"),
        change(name, "RUNNING", "COMPLETED"),
      ])
    #expect(Files.mode(log) == 0o600)
  }

  @Test func `says why a job has not completed`() throws {
    let taro = try TaroProgram()
    let log = "\(taro.root)/log"
    func notCompleted(_ name: String, _ reason: String) -> String {
      "WARNING - taro.jobs.runner - event=[job_not_completed] instance=[\(name)] "
        + "reason=[\(reason)]"
    }
    try exec(taro, log, "--id", "a", "sh", "-c", "exit 3").expect(code: 3)
    try exec(taro, log, "--id", "b", "sh", "-c", "kill -SEGV $$")
    try exec(taro, log, "--id", "c", "/none").expect(code: 127)
    let (a, b, c) = (try name(taro, "a"), try name(taro, "b"), try name(taro, "c"))
    try expect(
      lines(log),
      is: [
        change(a, "NONE", "CREATED"), change(a, "CREATED", "RUNNING"),
        notCompleted(a, "Process returned non-zero code 3"),
        change(a, "RUNNING", "FAILED", level: "WARNING"),
        change(b, "NONE", "CREATED"), change(b, "CREATED", "RUNNING"),
        notCompleted(b, "signal SEGV"), change(b, "RUNNING", "FAILED", level: "WARNING"),
        change(c, "NONE", "CREATED"), notCompleted(c, "/none: no such file"),
        change(c, "CREATED", "START_FAILED", level: "WARNING"),
      ])
  }

  @Test func `tells the states before a job and instead of it`() throws {
    let taro = try TaroProgram()
    let log = "\(taro.root)/log"
    try exec(taro, log, "--id", "a", "-d", "none", "true").expect(code: 0)
    let pending = ["exec"] + options(log) + ["--id", "b", "-p", "latch", "true"]
    let process = try taro.start(bytes: pending.map { Array($0.utf8) })
    _ = try taro.waitForEvent("b is pending") { $0.kind == .state(.pending) }
    try taro.run("release", "latch").expect(code: 0)
    try process.finish().expect(code: 0)
    try exec(taro, log, "--id", "c", "--dry-run=stopped", "true").expect(code: 0)
    let (a, b, c) = (try name(taro, "a"), try name(taro, "b"), try name(taro, "c"))
    try expect(
      lines(log),
      is: [
        change(a, "NONE", "CREATED"),
        change(a, "CREATED", "DEPENDENCY_NOT_RUNNING", level: "WARNING"),
        change(b, "NONE", "CREATED"), change(b, "CREATED", "PENDING"),
        change(b, "PENDING", "RUNNING"), change(b, "RUNNING", "COMPLETED"),
        change(c, "NONE", "CREATED"), change(c, "CREATED", "STARTED"),
        change(c, "STARTED", "STOPPED"),
      ])
  }

  @Test func `is written when the ledger cannot be`() throws {
    let taro = try TaroProgram()
    let log = "\(taro.root)/log"
    try exec(taro, log, "--ledger", "/proc/none", "--id", "a", "false").expect(code: 1)
      .expectOneLine(about: "kept in \(taro.runtime)")
    try expect(lines(log).count, is: 4)
  }

  @Test func `keeps a line a line, whatever a job is called`() throws {
    let taro = try TaroProgram()
    let log = "\(taro.root)/log"
    let long = String(repeating: "é", count: 512)
    try exec(taro, log, "--id", "a\nb\u{1b}[2J\r", "true").expect(code: 0)
    try exec(taro, log, "--id", long, "true").expect(code: 0)
    let lines = try lines(log)
    try #require(lines.count == 6)
    try expect(lines.at(0), "\(lines[0])") { $0.contains(#"instance=[a\nb\u{1b}[2J\r@"#) }
    try expect(lines.at(3).utf8.count) { $0 < 500 }
    try expect(lines.at(3)) { $0.contains("éé..@") }
  }

  @Test func `is opened anew when logrotate has moved it`() throws {
    let taro = try TaroProgram()
    let log = "\(taro.root)/log"
    let arguments = ["exec"] + options(log) + ["--id", "a", "sh", "-c", "echo ready; read line"]
    let process = try taro.start(bytes: arguments.map { Array($0.utf8) }) { $0.stdin = .pipe }
    try expect(process.readLine(), is: "ready")
    // A thread of its own writes it, and may be a little behind.
    try eventually("the job is logged") { try lines(log).count == 2 }
    #expect(rename(log, "\(log).1") == 0)
    try process.write("\n")
    try process.finish().expect(code: 0)
    let name = try name(taro, "a")
    try expect(lines("\(log).1").last, is: change(name, "CREATED", "RUNNING"))
    try expect(lines(log), is: [change(name, "RUNNING", "COMPLETED")])
  }

  @Test func `is written by a thread of its own while the job runs`() throws {
    let taro = try TaroProgram()
    let log = "\(taro.root)/log"
    try exec(taro, log, "--id", "a", "true") {
      $0.wrapper = ["strace", "-qq", "-f", "-s", "300", "-e", "trace=write", "-o", "trace"]
    }.expect(code: 0, stderr: "")
    let writers = try Files.lines("\(taro.work)/trace").filter {
      $0.contains("event=[job_state_changed]")
    }.map { $0.prefix { $0 != " " } }
    try #require(writers.count == 3)
    // Before there is a job nobody waits for it.
    try expect(writers.at(1), isNot: writers.at(0))
    try expect(writers.at(2), is: writers.at(1))
  }

  @Test func `is one for all executions, whose lines do not mix`() throws {
    let taro = try TaroProgram()
    let log = "\(taro.root)/log"
    let script = """
      for i in $(seq 20); do "$TARO" exec "$@" --id job$i true & done; wait
      """
    try taro.startShell(script, options(log)).finish().expect(code: 0, stderr: "")
    try expect(lines(log).count, is: 60)
    try expect(
      lines(log).count { $0.hasSuffix("prev_state=[RUNNING] new_state=[COMPLETED]") }, is: 20)
  }

  @Test(arguments: ["/dev/full", "/none/log", "/proc/self/log", "pipe"])
  func `that cannot be written is said once and disturbs no job`(path: String) throws {
    let taro = try TaroProgram()
    var log = path
    if path == "pipe" {
      log = "\(taro.root)/pipe"
      #expect(mkfifo(log, 0o600) == 0)
    }
    try exec(taro, log, "--id", "a", "sh", "-c", "echo out; exit 3")
      .expect(code: 3, stdout: "out\n").expectOneLine(about: "the log \(log) cannot be")
    try expect(taro.ending(ofJob: "a")?.state, is: .failed)
  }

  @Test func `on stderr has what is as grave as the level`() throws {
    let taro = try TaroProgram()
    let words = ["--set", "log.mode=on", "--set", "log.file.level=off", "--id", "a", "false"]
    for (level, count) in [("info", 4), ("warn", 2), ("error", 0), ("off", 0)] {
      let arguments = ["exec", "--set", "log.stdout.level=\(level)"] + words
      let result = try taro.start(bytes: arguments.map { Array($0.utf8) }).finish()
      result.expect(code: 1, stdout: "")
      #expect(result.errorLines.count == count, "\(result)")
      #expect(result.errorLines.allSatisfy { $0.firstMatch(of: Self.time) != nil }, "\(result)")
    }
    #expect(!Files.exists("\(taro.root)/home/.cache"))
  }

  @Test func `is off by default`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0, stderr: "")
    #expect(!Files.exists("\(taro.root)/home/.cache"))
  }

  @Test(.enabled(if: !TestHost.isRoot, "root's place is /var/log, which no test writes"))
  func `has its own place when none is given`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "-dc", "true").expect(code: 0, stderr: "")
    try expect(lines("\(taro.root)/home/.cache/taro/taro.log").count, is: 3)
  }
}
