import Events
import Glibc
import Ledger
import TestSupport
import Testing

/// What is told over HTTP is on disk: no power cut gives a position that somebody has seen to another event.
@Suite(.temporaryDirectory) struct EventDurabilityTests {
  /// One event that its writer does not flush.
  private func appendLazily(_ taro: TaroProgram) throws {
    let worker = try LedgerWorker.start("append", taro.ledger.path, "1", "lazy")
    try expect(worker.readLine(), is: "ready")
    try worker.send("go")
    try expect(worker.wait(), is: .exited(0))
  }

  @Test func `an event that nobody has flushed is flushed before it is told`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let log = "\(taro.root)/trace"
    let server = try TarosProgram(taro) { setup in
      // As its own child's child, so that the server is the process that the test has started.
      setup.wrapper = [
        "strace", "-D", "-f", "-qq", "-y", "-s", "300", "-o", log, "-e", "signal=none", "-e",
        "trace=write,writev,sendto,sendmsg,fdatasync,fsync",
      ]
    }
    let stream = try server.listen()
    let first = try #require(try taro.events().last).seq
    _ = try stream.next(Int(first.number))
    let rounds = 3
    for round in 1...rounds {
      try appendLazily(taro)
      try expect(stream.next().id, is: first + Int64(round))
    }
    try server.end().expect(code: 0)
    let lines = try Files.lines(log)
    // The first ones came together.
    let told = try ([Seq.first] + (1...rounds).map { first + Int64($0) }).map { id in
      try #require(lines.firstIndex { $0.contains("id: \(id)\\n") }, "\(id)")
    }
    for (before, after) in zip(told, told.dropFirst()) {
      let between = lines[before..<after]
      #expect(between.contains { Self.isFlush($0, of: taro.ledger.path) }, "\(between)")
    }
  }

  /// A call that has come back, of which strace tells in one line, or in two where another thread's call stands between.
  private static func isFlush(_ line: String, of ledger: String) -> Bool {
    guard line.hasSuffix("= 0"), line.contains("sync") else { return false }
    return line.contains("\(ledger)/ledger.db-wal") || line.contains("sync resumed")
  }
}
