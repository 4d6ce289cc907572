internal import Events
import TestSupport
import Testing

@Suite("taro release", .temporaryDirectory)
struct ReleaseTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func pend(_ id: String, _ latch: String = "l") throws -> WaitingRun {
    try taro.startWaiting(id, "--pending", latch, until: .pending)
  }

  @Test func `lets those go on that wait, and says who they are`() throws {
    let runs = [try pend("a"), try pend("b")]
    let other = try pend("c", "other")
    try expect(runs.at(0).cause.latch, is: "l")
    let text = try taro.run("release", "l").expect(code: 0, stderr: "").text
    #expect(text == "Released:\na@\(runs[0].instance)\nb@\(runs[1].instance)\n")
    for run in runs {
      try run.process.finish().expect(code: 0, stdout: "ran\n", stderr: "")
      try expect(taro.states(of: run.instance), is: [.created, .pending, .running, .completed])
    }
    try expect(taro.states(of: other.instance), is: [.created, .pending])
    try taro.run("release", "other").expect(code: 0)
    try other.process.finish().expect(code: 0, stdout: "ran\n", stderr: "")
  }

  @Test func `is no use to who comes later`() throws {
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

  @Test func `holds a latch open until it is released without that`() throws {
    // Before anything has been run.
    try taro.run("release", "--hold-open", "l").expect(code: 0, stdout: "", stderr: "")
    try taro.run("exec", "-p", "l", "--id", "a", "echo", "ran").expect(code: 0, stdout: "ran\n")
    try expect(taro.events(ofJob: "a")) { $0.allSatisfy { $0.kind != .state(.pending) } }
    try taro.run("release", "l").expect(code: 1, stdout: "").expectOneLine(about: "l;")
    let run = try pend("a")
    let text = try taro.run("release", "--hold-open", "l").expect(code: 0, stderr: "").text
    #expect(text == "Released:\na@\(run.instance)\n")
    try run.process.finish().expect(code: 0, stdout: "ran\n", stderr: "")
  }

  @Test func `takes several latches`() throws {
    let runs = [try pend("a", "l"), try pend("b", "m")]
    let text = try taro.run("release", "l", "m", "n").expect(code: 0, stderr: "").text
    #expect(text == "Released:\na@\(runs[0].instance)\nb@\(runs[1].instance)\n")
    for run in runs { try run.process.finish().expect(code: 0, stdout: "ran\n", stderr: "") }
  }

  @Test func `says that nobody waits`() throws {
    try taro.run("release", "l", "m").expect(code: 1, stdout: "").expectOneLine(about: "l, m")
    try taro.run("release", "").expect(code: 64, stdout: "")
    try taro.run("release").expect(code: 64, stdout: "")
  }

  @Test func `of a latch lets nobody overtake`() throws {
    let first = try taro.startWaiting("a", "-s", "-g", "g", "-p", "l", until: .pending)
    let second = try taro.startWaiting("b", "-s", "-g", "g")
    #expect(second.cause.ahead == ["a@\(first.instance)"])
    try taro.run("release", "l").expect(code: 0)
    for run in [first, second] { try run.process.finish().expect(code: 0, stdout: "ran\n") }
  }
}
