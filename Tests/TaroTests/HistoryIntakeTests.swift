internal import Events
import Glibc
internal import Ledger
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct HistoryIntakeTests {
  @Test func `a run that was taken in late stands where it was created`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "first", "true").expect(code: 0)
    // Open to others, the ledger is not used: the run waits beside it or elsewhere.
    chmod(taro.ledger.path, 0o770)
    try taro.run("exec", "--id", "late", "true").expect(code: 0)
    chmod(taro.ledger.path, 0o700)
    // It takes the other in at its end.
    try taro.run("exec", "--id", "last", "true").expect(code: 0)
    try taro.run("ps").expect(code: 0)
    let jobs = try taro.run("hist", "-f", "jsonl").expect(code: 0).lines.map {
      try JSON(parsing: $0)["job"]?.string
    }
    expect(jobs, is: ["last", "late", "first"])
    let recorded = try taro.events().filter { $0.kind == .state(.created) }.map(\.job)
    expect(recorded.last, is: "late")
    let tailed = try taro.run("tail").expect(code: 0).text
    expect(tailed.contains("late"), is: true)
  }
}
