import Ledger
import TestSupport
import Testing

@Suite("taro release", .temporaryDirectory)
struct QueryReleaseTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func pend(_ id: String, _ latch: String = "l") throws -> WaitingRun {
    try taro.startWaiting(id, "--pending", latch, until: .pending)
  }

  @Test("lets those go on that wait, and says who they are")
  func waiting() throws {
    let runs = [try pend("a"), try pend("b")]
    let other = try pend("c", "other")
    #expect(runs[0].cause.latch == "l")
    let text = try taro.run("release", "l").expect(code: 0, stderr: "").text
    #expect(text == "Released:\na@\(runs[0].instance)\nb@\(runs[1].instance)\n")
    for run in runs {
      try run.process.finish().expect(code: 0, stdout: "ran\n", stderr: "")
      #expect(try taro.states(of: run.instance) == [.created, .pending, .running, .completed])
    }
    #expect(try taro.states(of: other.instance) == [.created, .pending])
    try taro.run("release", "other").expect(code: 0)
    try other.process.finish().expect(code: 0, stdout: "ran\n", stderr: "")
  }

  @Test("is no use to who comes later")
  func later() throws {
    let first = try pend("a")
    try taro.run("release", "l").expect(code: 0)
    try first.process.finish().expect(code: 0)
    let second = try pend("a")
    try taro.run("release", "l", "--reason", "again").expect(code: 0)
    try second.process.finish().expect(code: 0)
    let releases = try taro.events().filter { $0.kind == .released }.map { Released($0.json) }
    #expect(releases.map(\.latch) == ["l", "l"])
    #expect(releases.map(\.by.reason) == [nil, "again"])
  }

  @Test("holds a latch open until it is released without that")
  func holdOpen() throws {
    // Before anything has been run.
    try taro.run("release", "--hold-open", "l").expect(code: 0, stdout: "", stderr: "")
    try taro.run("exec", "-p", "l", "--id", "a", "echo", "ran").expect(code: 0, stdout: "ran\n")
    #expect(try taro.events(ofJob: "a").allSatisfy { $0.kind != .state(.pending) })
    try taro.run("release", "l").expect(code: 1, stdout: "").expectOneLine(about: "l;")
    let run = try pend("a")
    let text = try taro.run("release", "--hold-open", "l").expect(code: 0, stderr: "").text
    #expect(text == "Released:\na@\(run.instance)\n")
    try run.process.finish().expect(code: 0, stdout: "ran\n", stderr: "")
  }

  @Test("takes several latches")
  func several() throws {
    let runs = [try pend("a", "l"), try pend("b", "m")]
    let text = try taro.run("release", "l", "m", "n").expect(code: 0, stderr: "").text
    #expect(text == "Released:\na@\(runs[0].instance)\nb@\(runs[1].instance)\n")
    for run in runs { try run.process.finish().expect(code: 0, stdout: "ran\n", stderr: "") }
  }

  @Test("says that nobody waits")
  func nobody() throws {
    try taro.run("release", "l", "m").expect(code: 1, stdout: "").expectOneLine(about: "l, m")
    try taro.run("release", "").expect(code: 64, stdout: "")
    try taro.run("release").expect(code: 64, stdout: "")
  }

  @Test("of a latch lets nobody overtake")
  func overtaking() throws {
    let first = try taro.startWaiting("a", "-s", "-g", "g", "-p", "l", until: .pending)
    let second = try taro.startWaiting("b", "-s", "-g", "g")
    #expect(second.cause.ahead == ["a@\(first.instance)"])
    try taro.run("release", "l").expect(code: 0)
    for run in [first, second] { try run.process.finish().expect(code: 0, stdout: "ran\n") }
  }
}
