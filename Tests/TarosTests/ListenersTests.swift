import Events
import Glibc
import Ledger
import TestSupport
import Testing

/// Many who listen, who do not read, and who come back: nothing missed, nothing twice, in order.
@Suite(.temporaryDirectory) struct ListenersTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  /// Runs of a few jobs at once, three events each and no more: how many there were.
  private func startJobs(_ runs: Int) throws -> TaroProcess {
    try taro.startShell(
      """
      set --
      for lane in 1 2 3; do
        (for run in $(seq \(runs / 3)); do "$TARO" exec --id lane$lane true || exit; done) &
        set -- "$@" $!
      done
      for lane; do wait $lane || exit; done
      """)
  }

  @Test func `a thousand hear of each event, each once and in order`() throws {
    try taro.run("exec", "--id", "first", "true").expect(code: 0)
    let server = try TarosProgram(taro, "--set", "log.level=info")
    try server.get("/healthz").expect(200)
    let before = server.process.sockets
    let head = try #require(try taro.events().last).seq
    let runs = 9
    let listeners = try ChildProcess(
      BuiltProgram.path("sse-listeners"),
      ["\(server.port)", "/events?after=\(head)&limit=\(runs * 3)", "1000"])
    try expect(listeners.readLine(), is: "ready")
    #expect(server.process.sockets >= 1000)
    try startJobs(runs).finish().expect(code: 0)
    let figures = try #require(try listeners.readLine()).split(separator: " ").prefix(4)
    // Events; who still listens, though he has got as many as he asked for; missed; out of order.
    #expect(figures == ["\(runs * 3)", "0", "0", "0"])
    try expect(listeners.wait(), is: .exited(0))
    expect(try server.process.mostResidentBytes()) { $0 < 200 << 20 }
    try eventually("their connections are closed") { server.process.sockets <= before }
    try server.get("/healthz").expect(200)
  }

  /// A ledger that no buffer of a connection holds: 360 events, 7 MB.
  private func makeLargeLedger() throws -> [Seq] {
    let worker = try LedgerWorker.start("fill", taro.ledger.path, "120", "3", "0", "60000")
    try expect(worker.readLine(), is: "filled")
    worker.closeInput()
    try expect(worker.wait(), is: .exited(0))
    return (1...360).map { Seq($0) }
  }

  @Test func `who does not read is cut off, and misses nothing when he comes back`() throws {
    let all = try makeLargeLedger()
    let path = "\(taro.root)/taros.sock"
    let server = try TarosProgram(taro, "--socket", path) { $0.deadline = 240 }
    try server.get("/healthz").expect(200)
    let before = server.process.sockets
    let deaf = try (0..<5).map { _ in
      // Of a unix socket little is on its way, and it comes at once: TCP has megabytes, or takes minutes for them.
      let client = try HTTPClient(.unix(path), seconds: 200)
      return try EventStream(client, "/events")
    }
    // Who does read is answered meanwhile.
    let whole = try server.get("/events").expect(200)
    #expect(whole.body.count { $0 == 10 } == all.count)
    try taro.run("exec", "--id", "beside", "true").expect(code: 0)
    expect(try server.process.mostResidentBytes()) { $0 < 200 << 20 }
    try eventually("they are cut off", seconds: 120) {
      server.process.sockets <= before
    }
    let first = try #require(deaf.first)
    let kept = first.rest().map(\.id)
    #expect(kept.count < all.count)
    let last = try #require(kept.last)
    let again = try server.listen(after: last)
    let missed = try again.next(all.count - kept.count).map(\.id)
    #expect(kept + missed == all)
  }

  @Test func `a server that is killed costs nobody an event, and gives none twice`() throws {
    try taro.run("exec", "--id", "first", "true").expect(code: 0)
    let jobs = try startJobs(24)
    var seen: [Seq] = []
    for _ in 0..<4 {
      let server = try TarosProgram(taro)
      let stream = try server.listen(after: seen.last)
      seen += try stream.next(7).map(\.id)
      server.process.signal(SIGKILL)
      _ = try server.process.finish()
      // What was on its way.
      seen += stream.rest().map(\.id)
    }
    try jobs.finish().expect(code: 0, stderr: "")
    let all = try taro.events().map(\.seq)
    let server = try TarosProgram(taro)
    let stream = try server.listen(after: seen.last)
    seen += try stream.next(all.count - seen.count).map(\.id)
    #expect(seen == all)
    try expect(taro.firstBrokenLink(), is: nil)
    for lane in 1...3 {
      try expect(taro.ending(ofJob: "lane\(lane)")?.state, is: .completed)
    }
  }
}
