internal import Events
internal import Ledger
import Linux
import TestSupport
import Testing

/// `--warn-time`, `--warn-output`, `--warn-silence`.
@Suite(.temporaryDirectory) struct ExecWatchTests {
  private func warnings(_ taro: TaroProgram, of kind: Warning.Kind) throws -> [Warning] {
    try taro.events().filter { $0.kind == .warning }.map { Warning($0.json) }
      .filter { $0.kind == kind }
  }

  private func waitForWarning(
    _ taro: TaroProgram, _ what: String, _ isWanted: (Warning) -> Bool
  ) throws -> Event {
    try taro.waitForEvent(what) { $0.kind == .warning && isWanted(Warning($0.json)) }
  }

  @Test func `a job that takes long is warned of once, when the time has passed`() throws {
    let taro = try TaroProgram()
    let job = try taro.startJob("a", options: ["--warn-time", "0.2s", "--warn-time", "1h"])
    let event = try waitForWarning(taro, "the time") { _ in true }
    #expect(Warning(event.json) == Warning(kind: .time, text: "0.2s", count: 1))
    let running = try #require(try taro.events().first { $0.kind == .state(.running) })
    #expect(event.mono - running.mono >= 200_000)
    try job.write("exit 3\n")
    try job.finish().expect(code: 3, stderr: "")
    try expect(warnings(taro, of: .time).count, is: 1)
  }

  @Test func `a job that is silent is warned of, and again after each new silence`() throws {
    let taro = try TaroProgram()
    let job = try taro.startJob("a", options: ["--warn-silence", "100ms"])
    for count in 1...3 as ClosedRange<Int64> {
      let event = try waitForWarning(taro, "silence \(count)") { $0.count == count }
      #expect(Warning(event.json) == Warning(kind: .silence, text: "100ms", count: count))
      // One silence is one warning: the next comes only after a word.
      try job.say("err word")
    }
    try job.write("exit 0\n")
    try job.finish().expect(code: 0)
    try expect(warnings(taro, of: .silence).map(\.count).prefix(3), is: [1, 2, 3])
  }

  @Test func `lines that match are counted, at once and at the end`() throws {
    let taro = try TaroProgram()
    let options = ["--warn-output", "[Ee]rror", "--warn-output", "^x$", "--warn-output", "never"]
    let job = try taro.startJob("a", options: options)
    try job.say("error 1")
    let first = try waitForWarning(taro, "the first match") { $0.text == "[Ee]rror" }
    #expect(
      Warning(first.json) == Warning(kind: .output, text: "[Ee]rror", count: 1, last: "error 1"))
    for number in 2...50 { try job.say(number % 2 == 0 ? "row \(number)" : "err Error \(number)") }
    try job.write("exit 0\n")
    try job.finish().expect(code: 0)
    let counted = try warnings(taro, of: .output)
    let expected = Warning(kind: .output, text: "[Ee]rror", count: 25, last: "err Error 49")
    #expect(counted.last == expected)
    #expect(Set(counted.map(\.text)) == ["[Ee]rror"])
    let end = try #require(try taro.events().last)
    #expect(end.kind == .state(.completed))
    let told = try taro.events().last { $0.kind == .warning }
    try expect(#require(told).mono) { $0 <= end.mono }
  }

  @Test func `many matches make few events, and the last has their number`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "--warn-output", "7", "seq", "200000") {
      $0.stdout = .file("/dev/null")
    }.expect(code: 0, stderr: "")
    let counted = try warnings(taro, of: .output)
    // Numbers up to 200,000 with a 7 in them.
    let expected = (1...200_000).count { String($0).contains("7") }
    #expect(counted.last?.count == Int64(expected))
    #expect(counted.last?.last == "199997")
    #expect(counted.last?.unmatchedBytes == 0)
    let ran = try #require(try taro.document("a")["run_seconds"]?.number)
    #expect(counted.count <= 3 + Int(ran))
  }

  /// Each match would take longer than the universe is old.
  @Test func `a pattern that is too slow costs the job nothing but a line on stderr`() throws {
    let taro = try TaroProgram()
    let line = String(repeating: "a", count: 60_000) + "b\n"
    let bytes = Array(String(repeating: line, count: 40).utf8)
    try Files.write(bytes, to: "\(taro.work)/lines")
    let result = try taro.run(
      "exec", "--id", "a", "--warn-output", "(a+)+$", "--warn-output", "disk full", "sh", "-c",
      "cat lines; echo disk full; exit 3")
    result.expect(code: 3).expectOneLine(about: "bytes of the output were not looked at")
    result.expectStdout(bytes + Array("disk full\n".utf8))
    let slow = try #require(try warnings(taro, of: .output).last { $0.text == "(a+)+$" })
    #expect(slow.count == 0)
    #expect(slow.unmatchedBytes > 0)
    try expect(taro.ending(ofJob: "a")?.ending.output?.bytes, is: Int64(bytes.count + 10))
    try expect(taro.run("output", "a").stdout, is: result.stdout)
  }

  @Test func `what a ledger in trouble cannot take is looked at and recorded all the same`() throws
  {
    let taro = try TaroProgram()
    let job = try taro.startJob("a", options: ["--warn-output", "error"])
    let queue = try taro.holdQueue()
    try job.say("error 1")
    // Longer than taro waits for the queue.
    try expect(job.readLine(.stderr)) { $0.contains("kept in \(taro.ledger.path)/spool/") }
    try job.say("error 2")
    queue.release()
    try job.say("error 3")
    try job.write("exit 0\n")
    try job.finish().expect(code: 0)
    try expect(
      warnings(taro, of: .output).last,
      is: Warning(kind: .output, text: "error", count: 3, last: "error 3"))
    try expect(taro.events()) { $0.allSatisfy { $0.kind != .outputGap } }
    try expect(taro.run("output", "a").text, is: "error 1\nerror 2\nerror 3\n")
    try expect(taro.firstBrokenLink()) { $0 == nil }
  }

  @Test func `warnings show wherever a run is shown`() throws {
    let taro = try TaroProgram()
    let options = ["--warn-output", "full", "--warn-time", "1us", "--warn-silence", "1us"]
    let job = try taro.startJob("a", options: options)
    try job.say("disk full")
    _ = try waitForWarning(taro, "a match") { $0.kind == .output }
    for kind in Warning.Kind.allCases {
      _ = try waitForWarning(taro, kind.rawValue) { $0.kind == kind }
    }
    try expect(taro.run("ps").text) { $0.contains("full: 1") }
    try expect(taro.run("ps").text) { $0.contains("time 1us") }
    try job.write("exit 0\n")
    try job.finish().expect(code: 0)
    try expect(taro.run("hist").text) { $0.contains("full: 1") }
    let shown = try taro.run("show", "a").text
    #expect(shown.contains("warning    output full, once, last: disk full\n"))
    #expect(shown.contains("  warning: time 1us\n"))
    let documents = try taro.document("a")["warnings"]?.array ?? []
    #expect(
      documents.contains(
        try JSON(
          parsing: """
            {"type":"output","text":"full","count":1,"last":"disk full","unmatched_bytes":0}
            """)))
    let listen = try taro.start("listen", "--all", "--since", "0")
    while try !listen.readLine().contains(#"warning {"type":"output","text":"full""#) {}
    listen.signal(15)
    _ = try listen.finish()
  }

  @Test(arguments: [
    (["--warn-output", "a(b"], ["--warn-output", "a(b", "missing closing", "character 3"]),
    (["--warn-output=*"], ["--warn-output", "\"*\"", "character 0"]),
    (["--progress", "("], ["--progress", "\"(\"", "character 1"]),
    (["--progress", "row"], ["--progress", "row", "no group"]),
    (["--warn-time", "soon"], ["--warn-time", "soon", "accepted"]),
    (["--warn-time", "0"], ["--warn-time", "longer than nothing"]),
    (["--warn-silence", "0s"], ["--warn-silence", "longer than nothing"]),
    (["-b", "--warn-output", "x"], ["--warn-output", "-b"]),
    (["-b", "--warn-silence", "1s"], ["--warn-silence", "-b"]),
    (["-b", "--progress", "(x)"], ["--progress", "-b"]),
  ])
  func `a wish that cannot be kept is 64, is named, and runs nothing`(
    options: [String], words: [String]
  ) throws {
    let taro = try TaroProgram()
    let command = ["exec"] + options + ["touch", "ran"]
    let result = try taro.runAll(command).expect(code: 64, stdout: "")
    result.expectOneLine()
    for word in words { #expect(result.stderr.contains(word), "\(result)") }
    #expect(!Files.exists("\(taro.work)/ran"))
    #expect(!Files.exists(taro.ledger.path))
  }

  @Test func `a time is warned of with -b too`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0)
    let job = try taro.start("exec", "--id", "a", "-b", "--warn-time", "1ms", "cat") {
      $0.stdin = .pipe
    }
    _ = try waitForWarning(taro, "the time") { $0.kind == .time }
    job.closeInput()
    try job.finish().expect(code: 0)
  }
}
