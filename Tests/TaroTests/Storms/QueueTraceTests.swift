internal import Events
import TestSupport
import Testing

/// SQLite 3.7.0 to 3.51.2 can lose commits when one connection commits to a WAL while another checkpoints it
/// (sqlite.org/wal.html#walresetbug). The append queue keeps all commits and checkpoints apart: not by what taro says,
/// but by what the kernel sees.
@Suite(.temporaryDirectory) struct QueueTraceTests {
  @Test func `no two processes ever commit or checkpoint at the same moment`() throws {
    let taro = try TaroProgram()
    let traces = "\(TemporaryDirectory.path)/traces"
    try taro.shell("mkdir \(traces)").expect(code: 0)
    // Each WAL of more than a MiB is checkpointed by the next run that ends; meanwhile others go on.
    let result = try taro.shell(
      """
      for i in 1 2 3 4; do
        for j in 1 2 3; do
          "$TARO" exec --id large sh -c 'head -c 700000 /dev/urandom; sleep 0.05
            head -c 700000 /dev/urandom'
        done >/dev/null &
        for j in 1 2 3; do "$TARO" exec -m 2 -g small sh -c 'echo 1; sleep 0.02; echo 2'; done \
          >/dev/null &
      done
      "$TARO" ps >/dev/null & "$TARO" hist >/dev/null & "$TARO" stop --force none &
      wait
      "$TARO" exec --id last true
      "$TARO" ledger verify
      """
    ) { $0.wrapper = QueueTrace.strace("\(traces)/t") }
    result.expect(code: 0)
    let trace = try QueueTrace(traces, taro.ledger)
    #expect(trace.outside == [])
    #expect(trace.overlap == nil)
    print("\(trace.turns.count) turns, \(trace.checkpoints) checkpoints, \(trace.threads) threads")
    #expect(trace.turns.count >= 25 * 3)
    #expect(trace.commits >= trace.turns.count / 2)
    #expect(trace.checkpoints >= 3)
    let ended = try taro.events().filter(\.kind.isTerminal)
    #expect(ended.count == 25)
    #expect(ended.allSatisfy { $0.kind != .state(.lost) })
  }

  @Test func `a checkpoint without the queue would be seen`() throws {
    let taro = try TaroProgram()
    let traces = "\(TemporaryDirectory.path)/traces"
    try taro.shell("mkdir \(traces)").expect(code: 0)
    let worker = try BuiltProgram.path("ledger-worker")
    try taro.shell("\(worker) golden \"$TARO_LEDGER\"") {
      $0.wrapper = QueueTrace.strace("\(traces)/t")
    }.expect(code: 0)
    let trace = try QueueTrace(traces, taro.ledger)
    #expect(trace.outside.contains { $0.contains("l_start=121, l_len=1}") })
    #expect(trace.outside.contains { $0.contains("/ledger.db>") })
  }
}
