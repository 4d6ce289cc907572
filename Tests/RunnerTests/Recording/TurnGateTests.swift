import Events
import Linux
import TestSupport
import Testing

@testable import Runner

@Suite("Before this process stops")
struct TurnGateTests {
  @Test func `a turn is ended, and none begins`() throws {
    for _ in 0..<100 {
      let gate = TurnGate()
      let steps = Monitor<[String]>([])
      let worker = try WorkerThread {
        for _ in 0..<2 {
          gate.enter()
          steps.change { $0.append("in a turn") }
          steps.change { $0.append("at its end") }
          gate.leave()
        }
      }
      steps.wait { $0.isEmpty ? nil : () }
      gate.close(until: MonotonicTime.now + 60_000_000) {
        steps.change { $0.append("stopped") }
        steps.change { $0.append("goes on") }
      }
      worker.join()
      let seen = steps.change { $0 }
      let stopped = try #require(seen.firstIndex(of: "stopped"))
      try expect(seen.at(stopped - 1), is: "at its end")
      try expect(seen.at(stopped + 1), is: "goes on")
    }
  }

  @Test func `a turn that does not end is not waited for longer than that`() {
    let gate = TurnGate()
    gate.enter()
    var hasStopped = false
    gate.close(until: MonotonicTime.now) { hasStopped = true }
    #expect(hasStopped)
  }
}
