internal import Events
import TestSupport
import Testing

/// What a job says of how far it is.
@Suite(.temporaryDirectory) struct ExecProgressTests {
  private func waitForStatus(_ taro: TaroProgram, _ text: String) throws -> Status {
    Status(
      try taro.waitForEvent("status \(text)") {
        $0.kind == .status && $0.json["text"]?.string == text
      }.json)
  }

  @Test func `progress in the last line is recorded, and shown by ps`() throws {
    let taro = try TaroProgram()
    let job = try taro.startJob("a")
    try job.say("starting")
    try expect(waitForStatus(taro, "starting").progress) { $0 == nil }
    try expect(taro.document("a")["progress"], is: .null)
    try job.say("copied 25/100 files")
    let status = try waitForStatus(taro, "copied 25/100 files")
    #expect(status.progress == Progress(done: 25, total: 100, percent: 25))
    try expect(taro.run("ps").text) { $0.contains(" 25% copied 25/100 files\n") }
    try expect(
      taro.document("a")["progress"], is: JSON(parsing: #"{"done":25,"total":100,"percent":25.0}"#))

    let terminal = try QueryTerminal()
    try taro.start("ps", "--no-color") { terminal.attach(&$0) }.finish().expect(code: 0)
    #expect(terminal.readAll().contains(" [##        ] 25% copied 25/100 files\n"))

    // A line that says nothing of it leaves what is known.
    try job.say("a word in between")
    try expect(waitForStatus(taro, "a word in between").progress) { $0 == nil }
    try expect(taro.run("ps").text) { $0.contains(" 25% a word in between\n") }
    try job.say("100/100")
    try job.write("exit 0\n")
    try job.finish().expect(code: 0)
    try expect(taro.document("a")["progress"]?["percent"]?.number, is: 100)
    try expect(taro.run("show", "a").text) { $0.contains("progress   100 of 100, 100%\n") }
  }

  @Test func `a progress bar that is drawn again and again gives its newest drawing`() throws {
    let taro = try TaroProgram()
    let process = try taro.start(
      "exec", "--id", "a", "sh", "-c",
      #"printf 'one\n'; for i in 10 20 30; do printf '\rdone %s%%' $i; done; read x"#
    ) { $0.stdin = .pipe }
    try taro.run("wait", "a", "--past", "-s", "running", "-t", "30s").expect(code: 0)
    try expect(waitForStatus(taro, "done 30%").progress, is: Progress(percent: 30))
    process.closeInput()
    _ = try process.finish()
    try expect(taro.document("a")["status"]?.string, is: "done 30%")
  }

  @Test func `how far a job had come is known when it failed, and not when it went on`() throws {
    let taro = try TaroProgram()
    for (code, percent) in [(3, 50.0), (0, nil)] as [(Int32, Double?)] {
      let job = try taro.startJob("\(code)")
      try job.say("5/10")
      _ = try taro.waitForEvent("5/10") { $0.job == "\(code)" && $0.kind == .status }
      try job.say("the last word")
      try job.write("exit \(code)\n")
      try job.finish().expect(code: code)
      try expect(taro.document("\(code)")["progress"]?["percent"]?.number, is: percent)
    }
  }

  @Test func `a pattern says where progress is`() throws {
    let taro = try TaroProgram()
    let job = try taro.startJob(
      "a", options: ["--progress", #"(?<total>\d+) in all, (?<done>\d+) so far"#])
    try job.say("8 in all, 2 so far, not 9/10")
    let status = try waitForStatus(taro, "8 in all, 2 so far, not 9/10")
    #expect(status.progress == Progress(done: 2, total: 8, percent: 25))
    try job.write("exit 0\n")
    try job.finish().expect(code: 0)
  }
}
