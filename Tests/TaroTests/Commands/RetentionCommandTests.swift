internal import Events
import Glibc
import Ledger
import Linux
import TestSupport
import Testing

@Suite("taro ledger retain", .temporaryDirectory)
struct RetentionCommandTests {
  private let taro: TaroProgram

  /// Four runs of job a, every other one a failure, the last one too.
  init() throws {
    taro = try TaroProgram()
    for code: Int32 in [0, 1, 0, 1] {
      try taro.exec("a", "sh", "-c", "seq 9; exit \(code)", code: code)
    }
  }

  private func retain(_ options: [String], _ settings: String...) throws -> TaroResult {
    try taro.runAll(
      ["ledger", "retain"] + options + settings.flatMap { ["--set", "retention.\($0)"] })
  }

  private func historyCount() throws -> Int {
    try taro.run("hist", "-f", "jsonl").expect(code: 0).lines.count
  }

  private func expectGood() throws { try taro.run("ledger", "verify").expect(code: 0, stderr: "") }

  @Test func `without a limit it says so, and does nothing`() throws {
    let before = try taro.events()
    let result = try retain(["--force"]).expect(code: 0, stderr: "")
    #expect(result.text.hasPrefix("nothing to drop: no key retention.* is set"))
    try expect(taro.events(), is: before)
  }

  @Test func `a dry run says what would go, and changes nothing`() throws {
    let before = try taro.events()
    let result = try retain(["--dry-run"], "max_records=1").expect(code: 0, stderr: "")
    expect(result.text) {
      $0.contains("\nwould free about ") && $0.contains("; ledger.db would need ")
    }
    #expect(result.lines.first == "\(taro.ledger.path): would drop")
    let line = try #require(result.lines.first { $0.hasPrefix("too many   3 runs: ") })
    #expect(line.hasSuffix(" events, 3 pieces of output, 54 B"), "\(result)")
    try expect(taro.events(), is: before)
  }

  @Test func `it drops, the ledger verifies, and everybody knows`() throws {
    let result = try retain(["--force"], "max_records=0", "keep_failed=1").expect(code: 0)
    #expect(result.lines.first == "\(taro.ledger.path): dropped")
    try expectGood()
    try expect(historyCount(), is: 1)
    let again = try retain([], "max_records=0", "keep_failed=1").expect(code: 0)
    #expect(again.text == "\(taro.ledger.path): nothing to drop\n")
    // A status event more or less, by the time that a run took.
    let count = try LedgerReader(taro.ledger).droppedCount(after: 0)
    #expect(count >= 12)
    let info = try taro.run("ledger", "info").expect(code: 0).text
    #expect(info.contains(", and \(count) dropped by retention\n"))
    let verified = try taro.run("ledger", "verify").text
    #expect(verified.contains("\ndropped      \(count) events, by retention\n"))
    let listening = try taro.start("listen", "--since", "0")
    try expect(
      listening.readLine(.stderr), is: "taro: retention has dropped \(count) events after 0")
    try listening.end(with: SIGTERM).expect(code: 0)
  }

  @Test func `more than half of all runs go only if somebody says so`() throws {
    let refused = try retain([], "max_records=1").expect(code: 64, stdout: "")
    #expect(
      refused.stderr == "taro: nobody here to ask; use --force to drop 3 of 4 ended runs\n")
    try expect(historyCount(), is: 4)
    try retain([], "max_records=2").expect(code: 0)
    try expect(historyCount(), is: 2)
  }

  @Test func `dropped output is told of wherever somebody asks for it`() throws {
    try retain([], "max_size=1", "keep_failed=9").expect(code: 0)
    try expectGood()
    try expect(taro.document("a")["output"]?["removed_at"]?.string) { $0 != nil }
    for command in ["output", "tail"] {
      let result = try taro.run(command, "a").expect(code: 0, stdout: "")
      #expect(result.stderr.contains(": its output was dropped by retention on "), "\(result)")
    }
    let text = try taro.run("show", "a").expect(code: 0).text
    #expect(text.contains("; its output was dropped by retention on "))
    #expect(!text.contains("Last lines"))
  }

  @Test func `the document is that of docs_json`() throws {
    var contract = try JSONContract("The retention document")
    let estimated = try retain(["--dry-run", "-f", "json"], "max_records=2", "max_size=1").text
    #expect(contract.check(try JSON(parsing: estimated)) == [])
    let text = try retain(["--force", "-f", "json"], "max_records=2").expect(code: 0).text
    #expect(contract.check(try JSON(parsing: text)) == [])
    #expect(contract.neverSeen == [])
    #expect(contract.check(try JSON(parsing: contract.example)) == [])
  }

  @Test func `a live run and those who watch it are not disturbed`() throws {
    let job = try taro.startJob("live")
    let tailing = try taro.start("tail", "-f", "live")
    let listening = try taro.start("listen", "live")
    try tailing.waitUntilWatching()
    try listening.waitUntilWatching()
    try job.say("before")
    try expect(tailing.readLine(), is: "before")
    try retain(["--force"], "max_records=0").expect(code: 0)
    try job.say("after")
    try expect(tailing.readLine(), is: "after")
    try job.write("exit 3\n")
    try job.finish().expect(code: 3)
    try tailing.finish().expect(code: 0)
    try expect(listening.readLine()) { $0.contains("FAILED") }
    try listening.end(with: SIGTERM).expect(code: 0)
    try expectGood()
    try expect(historyCount(), is: 1)
  }

  @Test func `who slept while the run was dropped that he follows is told`() throws {
    let job = try taro.startJob("gone")
    let instance = try taro.instance("gone")
    // Each has printed something when it is stopped: it watches.
    let waiting = try taro.start("wait", instance, "--past", "-c", "2")
    _ = try waiting.readLine()
    let tailing = try taro.start("tail", "-f", instance)
    try tailing.waitUntilWatching()
    try job.say("seen")
    _ = try tailing.readLine()
    for watcher in [waiting, tailing] {
      watcher.signal(SIGSTOP)
      try watcher.waitUntilStopped()
    }
    try job.write("exit 0\n")
    try job.finish().expect(code: 0)
    try retain(["--force"], "max_records=0").expect(code: 0)
    for watcher in [waiting, tailing] { watcher.signal(SIGCONT) }
    let told = try waiting.finish().expect(code: 1)
    #expect(told.stderr == "taro: gone@\(instance) has ended, and was dropped by retention\n")
    // It cannot know whether there was more than it has printed.
    let missed = try tailing.finish().expect(code: 1)
    #expect(missed.stderr.contains("what comes after the first 5 bytes printed"), "\(missed)")
  }
}

@Suite("Retention by itself", .temporaryDirectory)
struct AutomaticRetentionTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func exec(_ settings: String...) throws -> TaroResult {
    try taro.runAll(
      ["exec", "--id", "new"] + settings.flatMap { ["--set", $0] } + ["echo", "out"])
  }

  /// When it was last begun, as bytes; none: never.
  private func begun() throws -> [UInt8] {
    let bytes = Array(try Files.contents("\(taro.ledger.path)/ledger.lock").dropFirst(8).prefix(8))
    return bytes.allSatisfy { $0 == 0 } ? [] : bytes
  }

  /// Runs that ended two hours ago.
  private func writeOld(_ count: Int) throws {
    let writer = try LedgerWriter(taro.ledger)
    for index in 0..<Int64(count) {
      let at = WallTime.now - (7_200_000_000 - index)
      let instance = InstanceID(createdAt: at)
      try writer.turn(durable: true) { turn throws(LedgerError) in
        for state: InstanceState in [.created, .cancelled] {
          try turn.append(
            NewEvent(
              at: at, mono: 1, job: "old", instance: instance, kind: .state(state),
              data: .object([])))
        }
      }
    }
  }

  @Test func `it is begun at the end of a run, once an hour, and spares what has just ended`()
    throws
  {
    try writeOld(5)
    try exec("retention.max_records=2").expect(code: 0, stdout: "out\n", stderr: "")
    let retained = Retained(
      try taro.waitForEvent("retained") { $0.kind == .retained }.json)
    #expect(retained.instances.count == 4)
    #expect(retained.rule == .records)
    #expect(retained.by.reason == "automatic")
    let begun = try begun()
    #expect(begun.count == 8)
    try exec("retention.max_records=0").expect(code: 0)
    try expect(self.begun(), is: begun)
    try expect(taro.events(ofJob: "new").filter(\.kind.isTerminal).count, is: 2)
    try taro.run("ledger", "verify").expect(code: 0)
  }

  @Test func `without a limit nothing is begun`() throws {
    try writeOld(2)
    try exec().expect(code: 0)
    try exec("retention.keep_failed=2").expect(code: 0)
    try expect(begun(), is: [])
  }

  @Test func `nobody waits for it, and who reads from taro sees the end at once`() throws {
    try writeOld(3)
    let queue = try taro.holdQueue()
    // Not recorded, for the queue is held; what begins at its end waits for the queue.
    let script = "\"$TARO\" exec --id new --set retention.max_records=1 true 2>&1 | cat; echo over"
    let shell = try taro.startShell(script)
    var line = try shell.readLine()
    while line != "over" { line = try shell.readLine() }
    _ = try shell.finish()
    try expect(begun().count, is: 8)
    try expect(taro.events()) { $0.allSatisfy { $0.kind != .retained } }
    queue.release()
    _ = try taro.waitForEvent("retained") { $0.kind == .retained }
  }

  @Test func `asked to end at once, as in a unit of systemd, it does a turn all the same`()
    throws
  {
    try writeOld(3)
    let queue = try taro.holdQueue()
    let words = ["ledger", "retain", "--automatic", "--ledger", taro.ledger.path]
    try exec("retention.max_records=1").expect(code: 0)
    var pid: Int32?
    try eventually("the process in the background") {
      pid = DirectoryListing.names(in: "/proc").compactMap { Int32($0) }.first {
        let arguments = RawIO.contents(of: "/proc/\($0)/cmdline") ?? []
        return arguments.split(separator: 0).dropFirst().prefix(words.count)
          .elementsEqual(words) { $0.elementsEqual($1.utf8) }
      }
      return pid != nil
    }
    kill(try #require(pid), SIGTERM)
    queue.release()
    _ = try taro.waitForEvent("retained") { $0.kind == .retained }
  }
}
