internal import Events
import Glibc
import Ledger
import Linux
import TestSupport
import Testing

/// A job that something else than `taro pause` has stopped.
@Suite(.temporaryDirectory) struct ExecStoppedJobTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  @Test(arguments: ["TTIN", "TTOU", "TSTP", "STOP"])
  func `it shows as stopped, and is ended all the same`(signal: String) throws {
    let process = try start("kill -\(signal) $$; sleep 1000")
    let paused = try taro.waitForEvent("paused") { $0.kind == .paused }
    #expect(Paused(paused.json).signal == signal)
    let shown = signal == "STOP" ? "RUNNING (paused)" : "RUNNING (stopped: \(signal))"
    try expect(taro.run("ps").expect(code: 0).text) { $0.contains(shown) }
    let document = try taro.run("ps", "-f", "jsonl").expect(code: 0)
    try expect(JSON(parsing: document.text)["paused_by"]?.string, is: signal)
    try taro.run("stop", "--force", "a").expect(code: 0)
    try process.finish().expect(code: 143)
    try expect(taro.ending(ofJob: "a")?.state, is: .stopped)
  }

  @Test func `it ends when its time is over`() throws {
    let process = try start("kill -STOP $$; sleep 1000", "--timeout", "1s")
    try process.finish().expect(code: 124, stderr: "")
    try expect(taro.ending(ofJob: "a")?.ending.signal, is: "TERM")
  }

  private func start(_ script: String, _ options: String...) throws -> TaroProcess {
    let words = ["exec", "--id", "a"] + options + ["sh", "-c", script]
    let process = try taro.start(bytes: words.map { Array($0.utf8) })
    try eventually("there is a ledger") { (try? LedgerReader(taro.ledger)) != nil }
    return process
  }
}
