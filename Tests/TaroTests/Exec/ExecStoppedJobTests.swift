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
  func `it shows as stopped, and ends when its time is over`(signal: String) throws {
    let process = try taro.start(
      "exec", "--id", "a", "--timeout", "2s", "sh", "-c", "kill -\(signal) $$; sleep 1000")
    try eventually("there is a ledger") { (try? LedgerReader(taro.ledger)) != nil }
    let paused = try taro.waitForEvent("paused") { $0.kind == .paused }
    #expect(Paused(paused.json).signal == signal)
    let shown = signal == "STOP" ? "RUNNING (paused)" : "RUNNING (stopped: \(signal))"
    try expect(taro.run("ps").expect(code: 0).text) { $0.contains(shown) }
    let document = try taro.run("ps", "-f", "jsonl").expect(code: 0)
    try expect(JSON(parsing: document.text)["paused_by"]?.string, is: signal)
    try process.finish().expect(code: 124, stderr: "")
    try expect(taro.ending(ofJob: "a")?.ending.signal, is: "TERM")
  }
}
