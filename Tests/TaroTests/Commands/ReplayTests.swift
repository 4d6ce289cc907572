import Events
import Glibc
import Linux
import TestSupport
import Testing

@Suite("taro replay", .temporaryDirectory)
struct ReplayTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  @Test func `gives every byte again, on the streams it came on`() throws {
    try taro.exec("a", "sh", "-c", "echo one; echo err >&2; printf 'x\\377\\000'; printf y >&2")
    for options in [["--no-wait"], ["--speed", "1000"]] {
      let result = try taro.runAll(["replay", "a"] + options).expect(code: 0, stderr: "err\ny")
      #expect(result.stdout == Array("one\nx".utf8) + [0xff, 0])
    }
    try taro.run("replay", "a", "--no-wait", "--stderr").expect(
      code: 0, stdout: "", stderr: "err\ny")
    let both = try taro.run("replay", "a", "--no-wait") { $0.stderr = .sameAsStdout }
    #expect(both.expect(code: 0).stdout.count == 4 + 4 + 3 + 1)
  }

  @Test func `of megabytes is whole`() throws {
    try taro.exec(
      "a", "sh", "-c", "seq 1 300000; head -c 3000000 /dev/zero; head -c 1000000 /dev/urandom")
    let output = try taro.run("output", "a").expect(code: 0).stdout
    try taro.run("replay", "a", "--no-wait").expect(code: 0, stderr: "").expectStdout(output)
  }

  @Test func `takes the time that it took, or less`() throws {
    try taro.exec("a", "sh", "-c", "echo one; sleep 0.4; echo two; sleep 0.4; echo three")
    func seconds(_ options: String...) throws -> Double {
      let before = Clock.monotonicMicroseconds()
      try taro.runAll(["replay", "a"] + options).expect(code: 0, stdout: "one\ntwo\nthree\n")
      return Double(Clock.monotonicMicroseconds() - before) / 1_000_000
    }
    try expect(seconds()) { $0 > 0.75 }
    try expect(seconds("--speed", "4")) { $0 > 0.15 }
    try expect(seconds("--max-idle", "100ms")) { $0 > 0.15 }
    let process = try taro.start("replay", "a", "--speed", "0.01")
    try expect(process.readLine(), is: "one")
    // Who reads has gone, and nothing more is written for minutes.
    process.closeReader(.stdout)
    try process.finish().expect(code: 141, stderr: "")
  }

  @Test func `begins and ends where it is to, with events between the lines`() throws {
    try taro.exec("a", "sh", "-c", "echo one; sleep 0.1; echo two; sleep 0.1; echo three")
    let hit = try JSON(parsing: try taro.run("grep", "two", "-f", "jsonl").expect(code: 0).text)
    let time = try #require(hit["at"]?.string)
    try taro.run("replay", "a", "--no-wait", "--from", time, "--to", time)
      .expect(code: 0, stdout: "two\n")
    try taro.run("replay", "a", "--no-wait", "--from", time).expect(
      code: 0, stdout: "two\nthree\n")
    try taro.run("replay", "a", "--no-wait", "--to", "1h").expect(
      code: 0, stdout: "one\ntwo\nthree\n")
    try taro.run("replay", "a", "--no-wait", "--from", "1h").expect(code: 0, stdout: "")
    try taro.run("replay", "a", "--no-wait", "--to", "1h ago").expect(code: 0, stdout: "")
    let result = try taro.run("replay", "a", "--no-wait", "--events")
      .expect(code: 0, stdout: "one\ntwo\nthree\n")
    let states = result.errorLines.compactMap { $0.split(separator: " ").last.map(String.init) }
    #expect(states == ["CREATED", "RUNNING", "COMPLETED"])
  }

  @Test func `of a live run goes as far as that is`() throws {
    let job = try taro.startJob("live")
    try job.say("hello")
    try eventually("it is recorded") { try taro.run("output", "live").text == "hello\n" }
    try taro.run("replay", "live").expect(code: 0, stdout: "hello\n", stderr: "")
    job.closeInput()
    try job.finish().expect(code: 0)
  }

  @Test func `says what cannot be given`() throws {
    try taro.run("replay", "a").expect(code: 1, stdout: "").expectOneLine(
      about: "no job or instance a")
    try taro.exec("a", "echo", "one")
    try Damage.allChunks(taro.ledger)
    try taro.run("replay", "a").expect(code: 1, stdout: "").expectOneLine(
      about: "damaged", "event 3")
    for options in [
      ["--speed", "0"], ["--max-idle", "x"], ["--from", "soon"], ["--speed", "fast"],
    ] {
      try taro.runAll(["replay", "a"] + options).expect(code: 64, stdout: "")
    }
  }

  // MARK: On a terminal

  private func onTerminal(
    _ arguments: [String], _ body: (TerminalSession) throws -> Void
  ) throws {
    let script = """
      stty rows 12 cols 70; before=$(stty -g); "$@"; code=$?
      [ "$(stty -g)" = "$before" ] && echo "modes kept, code $code"
      """
    let session = try TerminalSession(taro, ["sh", "-c", script, "sh", taro.path] + arguments)
    try body(session)
    try session.finish()
  }

  @Test func `on a terminal is steered by keys`() throws {
    try taro.exec(
      "a", "sh", "-c",
      "echo one; echo two; sleep 0.3; echo error three; echo four >&2; sleep 0.3; echo error five; printf 'x\\033[2Jy'"
    )
    try onTerminal(["replay", "a", "--speed", "0.001"]) { session in
      try session.expect("plays")
      try session.type(" ")
      try session.expect("paused")
      try session.type("..")
      try session.expect("two")
      try session.type("/err.r\r")
      try session.expect("\u{1b}[7merror three")
      try session.type("e")
      try session.expect("four")
      try session.type("n")
      try session.expect("\u{1b}[7merror five")
      try session.type("n")
      try session.expect("not found from here on")
      try session.type("/(\r")
      try session.expect("missing closing parenthesis")
      try session.type("+")
      try session.expect("1/500x")
      try session.type("\u{1b}[D")
      try session.expect("00:00:00.000 of")
      try session.type("\u{1b}[C")
      try session.expect("x\\u{1b}[2Jy")
      try session.expect("100%")
      try session.type("q")
      try session.expect("\u{1b}[?1049l")
      try session.expect("modes kept, code 0")
    }
  }

  @Test(arguments: [(SIGTERM, 143), (SIGINT, 130), (SIGHUP, 129), (SIGQUIT, 131)])
  func `on a terminal gives it back when a signal ends it`(signal: Int32, code: Int) throws {
    try taro.exec("a", "sh", "-c", "echo one; sleep 0.2; echo two")
    try onTerminal(["replay", "a", "--speed", "0.001"]) { session in
      try session.expect("plays")
      let replay = try #require(Self.replay(below: session.foreground))
      kill(replay, signal)
      try session.expect("\u{1b}[?1049l")
      try session.expect("modes kept, code \(code)")
    }
  }

  /// The process of taro in a foreground group.
  private static func replay(below group: Int32) -> Int32? {
    let children = RawIO.contents(of: "/proc/\(group)/task/\(group)/children") ?? []
    return String(decoding: children, as: UTF8.self).split(separator: " ").compactMap { Int32($0) }
      .first
  }
}
