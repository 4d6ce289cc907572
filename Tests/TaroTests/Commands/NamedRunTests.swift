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
