import Presentation
import TestSupport
import Testing

/// What tables show where there is little room, and what somebody chooses.
@Suite(.temporaryDirectory) struct NarrowTablesTests {
  private let taro: TaroProgram

  init() throws {
    taro = try TaroProgram()
    try taro.runThree()
    try taro.exec(
      "a-job-with-a-rather-long-name", "sh", "-c", "echo no space left on device; exit 3", code: 3)
  }

  private func lines(_ columns: String, _ arguments: String...) throws -> [String] {
    try taro.runAll(arguments) { $0.environment["COLUMNS"] = columns }
      .expect(code: 0, stderr: "").lines
  }

  @Test(arguments: [60, 80, 100, 120, 200], [["hist"], ["stats"], ["ps"]])
  func `fit, and no state is cut`(width: Int, command: [String]) throws {
    let job = try taro.startJob("live")
    let lines = try taro.runAll(command) { $0.environment["COLUMNS"] = "\(width)" }
      .expect(code: 0, stderr: "").lines
    for line in lines { #expect(DisplayWidth.of(line) <= width, "\(line)") }
    let text = lines.joined(separator: "\n")
    switch command {
    case ["hist"]:
      #expect(text.contains("FAILED ") && text.contains("COMPLETED"))
      #expect(text.contains("exit code 3: no"), "\(text)")
    case ["stats"]: #expect(text.contains("FAILED") && text.contains("LAST STATE"))
    default: #expect(text.contains("RUNNING") && text.contains("live"))
    }
    job.closeInput()
    try job.finish().expect(code: 0)
  }

  @Test func `at 80 columns a line tells who, when, how long, how it ended and why`() throws {
    let lines = try lines("80", "hist", "check")
    expect(lines.first) {
      $0?.hasPrefix(" JOB ID   INSTANCE ID        CREATED    TIME ") == true
        && $0?.hasSuffix(" STATE    RESULT") == true
    }
    let row = try #require(lines.last).normalized
    let form =
      /^ check    I{16}   [0-9]{2}:[0-9]{2}:[0-9]{2}   [0-9.]+ m?s +FAILED   exit code 3: no disk$/
    #expect(row.contains(form), "\(row)")
  }

  @Test func `with --wide, in a pipe and with a width that is none, everything is shown`() throws {
    let whole = try taro.run("hist").expect(code: 0).text
    for columns in ["0", "-1", "x", ""] {
      try expect(lines(columns, "hist").joined(separator: "\n") + "\n", is: whole)
    }
    for option in ["--wide", "-w"] {
      try expect(lines("40", "hist", option).joined(separator: "\n") + "\n", is: whole)
    }
  }

  @Test func `in a pipe, and with --wide, no value is cut`() throws {
    let name = "nightly-backup-of-the-home-directories-of-everybody"
    try taro.run("exec", "--id", name, "-m", "1", "-s", "true").expect(code: 0)
    let job = try taro.startJob(name)
    for command in [["hist"], ["hist", "-w"], ["ps"], ["ps", "-w"], ["stats"]] {
      try expect(taro.runAll(command).expect(code: 0).text) { $0.contains(" \(name)   ") }
    }
    job.closeInput()
    try job.finish().expect(code: 0)
    let reason = "\(name) waits for another tape"
    try taro.run("disable", name, "--reason", reason).expect(code: 0)
    try expect(taro.run("list-disabled").expect(code: 0).lines.last) {
      $0?.hasPrefix(" \(name)   ") == true && $0?.hasSuffix("   \(reason)") == true
    }
    let zone = "America/Argentina/ComodRivadavia"
    let times = "0,5,10,15,20,25,30,35,40,45,50,55 3 * * *"
    try taro.run("expect", name, "--cron", times, "--tz", zone).expect(code: 0)
    try expect(taro.run("expectations").expect(code: 0).lines.last) {
      $0?.contains(" \(name)   \(times)   \(zone)   ") == true
    }
  }

  @Test func `columns can be chosen, in any order`() throws {
    try expect(
      lines("40", "hist", "check", "--columns", "state,job"),
      is: [" STATE    JOB ID", "-------- -------------------------------", " FAILED   check"])
    try expect(lines("200", "stats", "check", "--columns", "Job,Streak,Last-State").last) {
      $0?.split(separator: " ") == ["check", "1", "failed", "FAILED"]
    }
    try expect(
      taro.run("ps", "--columns", "parameters,status").lines.first, is: " PARAMETERS   STATUS")
  }

  @Test(arguments: ["hist", "ps", "stats"], ["nope", "", "job,,state"])
  func `a column that is not there is 64, and those that are there are named`(
    command: String, names: String
  ) throws {
    let result = try taro.run(command, "--columns", names).expect(code: 64, stdout: "")
    #expect(result.stderr.contains("--columns \(names): there is no column \""), "\(result)")
    #expect(result.stderr.contains("; there are job,"), "\(result)")
  }
}
