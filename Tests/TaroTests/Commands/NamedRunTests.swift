import Events
internal import Ledger
import TestSupport
import Testing

@Suite("What names a run", .temporaryDirectory)
struct NamedRunTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  @Test func `say what is missing when there is nothing of that name`() throws {
    try taro.exec("other", "true")
    try expectNothing()
  }

  @Test func `one that nothing has is an error among others too, and nothing is done`() throws {
    try taro.exec("ended", "echo", "x")
    let job = try taro.startJob("live")
    for command in ["tail", "expectations", "ps", "hist", "stats", "timeline", "pause", "resume"] {
      let names = ["live", "ended", "nosuch"]
      try taro.runAll([command] + names).expect(code: 1, stdout: "").expectOneLine(about: "nosuch")
    }
    try taro.run("stop", "--force", "live", "nosuch").expect(code: 1, stdout: "")
      .expectOneLine(about: "nosuch")
    try taro.run("history-remove", "--force", "ended", "endet").expect(code: 1, stdout: "")
      .expectOneLine(about: "endet; did you mean ended?")
    for names in [["nosuch"], ["ended", "nosuch"]] {
      try taro.runAll(["grep", "x"] + names).expect(code: 2, stdout: "")
        .expectOneLine(about: "nosuch")
    }
    try taro.run("grep", "x", "ended", "nosuch*").expect(code: 0)
    let kinds = try taro.events(ofJob: "live").map(\.kind)
    #expect(!kinds.contains { $0.isControlRequest }, "\(kinds)")
    job.closeInput()
    try job.finish().expect(code: 0)
    try taro.run("output", "ended").expect(code: 0, stdout: "x\n")
  }

  private func expectNothing() throws {
    for command in ["tail", "output", "show"] {
      try taro.run(command, "none").expect(code: 1, stdout: "").expectOneLine(about: "none", "hist")
    }
  }

  @Test func `say what is missing when there is no ledger`() throws {
    try expectNothing()
    try taro.run("tail").expect(code: 1, stdout: "").expectOneLine(
      about: "nothing has been run yet")
    #expect(!Files.exists(taro.ledger.path), "asking makes no ledger")
  }

  @Test func `a job id means its newest run, an id its own`() throws {
    try taro.exec("a", "echo", "first")
    let first = try taro.instance("a")
    try taro.exec("a", "echo", "second")
    for command in ["output", "tail"] {
      try taro.run(command, "a").expect(code: 0, stdout: "second\n")
      try taro.run(command, first).expect(code: 0, stdout: "first\n")
      try taro.run(command, "a@\(first)").expect(code: 0, stdout: "first\n")
    }
    let shared = String(first.prefix(4))
    for command in ["output", "tail", "show", "wait"] {
      let result = try taro.run(command, shared).expect(code: 1, stdout: "")
      #expect(result.errorLines.count == 3, "\(result)")
      #expect(result.stderr.contains("a@\(first)"))
    }
  }
}
