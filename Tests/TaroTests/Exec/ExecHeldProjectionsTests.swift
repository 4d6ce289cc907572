internal import Events
import Ledger
import Linux
import SQLite
import TestSupport
import Testing

/// A question that was stopped inside a fold (SIGSTOP) keeps the lock of the read models: nothing waits for it.
@Suite(.temporaryDirectory) struct ExecHeldProjectionsTests {
  /// Who waited for the holder would wait for ever: the test lets go of the lock when all is over.
  private func whileHeld(_ taro: TaroProgram, _ body: () throws -> Void) throws {
    try taro.run("exec", "--id", "first", "true").expect(code: 0)
    try taro.run("ps").expect(code: 0)
    let holder = try Connection(
      taro.ledger.projections, .readWrite, pages: .checked, busyMilliseconds: 0)
    let transaction = try holder.begin()
    try body()
    _ = consume transaction
  }

  @Test func `runs with gates start, hold their places and end`() throws {
    let taro = try TaroProgram()
    try whileHeld(taro) {
      try taro.run("exec", "-o", "--id", "a", "echo", "one").expect(code: 0, stdout: "one\n")
      let outer = try taro.start("exec", "-o", "--id", "b", "cat") { $0.stdin = .pipe }
      _ = try taro.waitForEvent("b runs") { $0.job == "b" && $0.kind == .state(.running) }
      try taro.run("exec", "-o", "--id", "b", "echo", "two").expect(code: 0, stdout: "")
      outer.closeInput()
      try outer.finish().expect(code: 0)
      let skipped = try taro.events(ofJob: "b").filter { $0.kind == .state(.skipped) }
      #expect(skipped.count == 1)
    }
  }

  @Test func `requests reach their runs, and latches are released`() throws {
    let taro = try TaroProgram()
    try whileHeld(taro) {
      let job = try taro.start("exec", "--id", "a", "sleep", "60")
      _ = try taro.waitForEvent("a runs") { $0.job == "a" && $0.kind == .state(.running) }
      try taro.run("stop", "--force", "a").expect(code: 0)
      try job.finish().expect(code: 143)
      let waiting = try taro.start("exec", "--id", "b", "--pending", "latch", "true")
      _ = try taro.waitForEvent("b waits") { $0.kind == .state(.pending) }
      try taro.run("release", "latch").expect(code: 0)
      try waiting.finish().expect(code: 0)
      try taro.run("wait", "--past", "-s", "stopped").expect(code: 0)
    }
  }

  @Test func `questions are answered, also about what has happened since`() throws {
    let taro = try TaroProgram()
    try whileHeld(taro) {
      try taro.run("exec", "--id", "second", "sh", "-c", "exit 3").expect(code: 3)
      let live = try taro.start("exec", "--id", "third", "cat") { $0.stdin = .pipe }
      _ = try taro.waitForEvent("it runs") { $0.job == "third" && $0.kind == .state(.running) }
      for (words, wanted) in [
        ("ps", ["third"]), ("hist", ["first", "second"]), ("stats", ["first", "second"]),
      ] {
        let text = try taro.run(words, "-f", "jsonl").expect(code: 0, stderr: "").lines
        let jobs = try text.map { try JSON(parsing: $0)["job"]?.string ?? "" }
        #expect(jobs.sorted() == wanted, "\(words)")
      }
      try taro.run("show", "second").expect(code: 0, stderr: "")
      live.closeInput()
      try live.finish().expect(code: 0)
    }
    try taro.run("ledger", "verify").expect(code: 0)
  }

  @Test func `a run opens the read models only where its events cross a folding point`() throws {
    let taro = try TaroProgram()
    func opens() throws -> Int {
      try taro.run("exec", "--id", "a", "true") {
        $0.wrapper = ["strace", "-f", "-qq", "-o", "trace", "-e", "trace=open,openat"]
      }.expect(code: 0)
      return try Files.text("\(taro.work)/trace").split(separator: "\n")
        .count { $0.contains("projections.db") }
    }
    // Three events each: the positions 1 to 9.
    for _ in 0..<3 { try expect(opens(), is: 0) }
    let worker = try LedgerWorker.start("append", taro.ledger.path, "500", "single")
    _ = try worker.readLine()
    try worker.send("go")
    try expect(worker.wait(), is: .exited(0))
    let head = try LedgerReader(taro.ledger).head().seq
    try #require(head < 512 && head + 3 >= 510)
    var opened = 0
    while try LedgerReader(taro.ledger).head().seq < 512 { opened += try opens() }
    #expect(opened > 0)
    try expect(opens(), is: 0)
  }
}
