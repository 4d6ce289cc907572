internal import Events
import Glibc
import Ledger
import Linux
import SQLite
import TestSupport
import Testing

/// A damaged ledger is put aside as it is, a new one names it, and no job and no reader minds.
@Suite(.temporaryDirectory) struct ExecSealingTests {
  private func sealed(_ taro: TaroProgram) -> [String] {
    Files.names(in: taro.ledger.path).filter {
      $0.hasPrefix("ledger.db.sealed-") && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm")
    }
  }

  /// Nothing of it can be read any more.
  private func damage(_ taro: TaroProgram) throws {
    for file in ["ledger.db", "ledger.db-wal"] {
      let path = "\(taro.ledger.path)/\(file)"
      try Files.write(Array(repeating: 0xff, count: Files.size(path)), to: path)
    }
  }

  /// The WAL goes into the file; then the page with the newest events, the last of the table, cannot be read.
  private func damageNewest(_ taro: TaroProgram) throws {
    let newest = try #require(try taro.events().last)
    let database = try taro.checkpointedDatabase()
    let page = try #require(database.lastPage(with: newest.digest.bytes))
    try damage(page, of: taro)
  }

  /// - Parameter page: its number, from 0.
  private func damage(_ page: Int, of taro: TaroProgram) throws {
    var bytes = try Files.contents(taro.ledger.database)
    bytes.replaceSubrange(page * 4096..<page * 4096 + 12, with: repeatElement(0xff, count: 12))
    try Files.write(bytes, to: taro.ledger.database)
  }

  /// A run puts the ledger aside and is killed before it brings the WAL after. Returns the file's name.
  private func sealAndDie(_ taro: TaroProgram) throws -> String {
    let wal = "\(taro.ledger.database)-wal"
    try taro.shell(
      """
      exec strace -f -qq -o /dev/null -P \(wal) -e trace=rename -e inject=rename:signal=KILL \
        "$TARO" exec --id killed true
      """
    ).expect(stdout: "")
    #expect(!Files.exists(taro.ledger.database))
    #expect(Files.exists(wal))
    let files = sealed(taro)
    #expect(files.count == 1)
    return try #require(files.first)
  }

  private func firstEvent(_ taro: TaroProgram) throws -> SealedLedger {
    let first = try #require(try LedgerReader(taro.ledger).events(after: 0, limit: 1).first)
    guard first.kind == .recovered else {
      #expect(first.kind == .sealed)
      return SealedLedger(first.json)
    }
    let recovered = Recovered(first.json)
    return SealedLedger(
      file: recovered.file, ledgerID: recovered.ledgerID, lastGood: recovered.lastGood,
      isReadWholly: true, reason: recovered.reason ?? "", by: recovered.by)
  }

  @Test func `the new one names the old one, and how far it is good`() throws {
    let taro = try TaroProgram()
    for job in 1...20 { try taro.exec("job\(job)", "seq", "2000") }
    let (id, events) = try {
      let reader = try LedgerReader(taro.ledger)
      return (reader.ledgerID, try reader.events(after: 0, limit: .max))
    }()
    try damageNewest(taro)
    let bytes = try Files.contents(taro.ledger.database)

    let result = try taro.run("exec", "--id", "next", "echo", "ran")
    result.expect(code: 0, stdout: "ran\n").expectOneLine(about: "damaged", "put aside as")
    let files = sealed(taro)
    #expect(files.count == 1)
    try expect(Files.contents("\(taro.ledger.path)/\(files[0])"), is: bytes)
    let first = try firstEvent(taro)
    try expect(first.file, is: files.at(0))
    #expect(first.ledgerID == id)
    let lastGood = try #require(first.lastGood)
    #expect(lastGood.seq > 0)
    #expect(lastGood.seq.number < events.count)
    #expect(events[Int(lastGood.seq.number) - 1].digest == lastGood.digest)
    #expect(first.isReadWholly)
    try expect(taro.ending(ofJob: "next")?.state, is: .completed)
    try taro.run("ledger", "verify").expect(code: 0, stderr: "")
    try taro.run("exec", "true").expect(code: 0, stderr: "")
    #expect(sealed(taro) == files)
  }

  @Test func `of ten that meet it at once one puts it aside`() throws {
    let taro = try TaroProgram()
    try taro.exec("a", "true")
    try damage(taro)
    let jobs = try (0..<10).map { try taro.start("exec", "--id", "job\($0)", "true") }
    let lines = try jobs.map { try $0.finish() }.flatMap { result in
      #expect(result.code == 0, "\(result)")
      return result.errorLines
    }
    #expect(lines.count == 1, "\(lines)")
    #expect(sealed(taro).count == 1)
    for job in 0..<10 { try expect(taro.ending(ofJob: "job\(job)")?.state, is: .completed) }
    try expect(taro.firstBrokenLink()) { $0 == nil }
  }

  @Test func `runs, listeners and waiters go on in the new one`() throws {
    let taro = try TaroProgram()
    let idle = try taro.startJob("idle")
    let busy = try taro.startJob("busy")
    try busy.say("one")
    _ = try taro.waitForEvent("its output") { $0.kind == .output }
    let listener = try taro.start("listen", "--checkpoint", "audit", "busy")
    try expect(listener.readLine()) { $0.hasSuffix("-> CREATED") }
    try expect(listener.readLine()) { $0.hasSuffix("-> RUNNING") }
    let tail = try taro.start("tail", "-f", "busy")
    try expect(tail.readLine(), is: "one")
    let waiter = try taro.start("wait", "busy", "-s", "FAILED")
    try waiter.waitUntilWatching()
    let before = try LedgerReader(taro.ledger).ledgerID
    try damage(taro)
    try taro.run("exec", "--id", "next", "true").expect(code: 0)
      .expectOneLine(about: "put aside as")

    // Rung by whoever put it aside: an idle run is not forgotten either.
    _ = try taro.waitForEvent("the idle run") { $0.job == "idle" && $0.kind == .state(.running) }
    try busy.say("two")
    try expect(tail.readLine(), is: "two")
    try busy.write("exit 3\n")
    try expect(busy.finish().code, is: 3)
    try expect(waiter.finish().code, is: 0)
    try expect(tail.finish().code, is: 0)
    try expect(listener.readLine()) { $0.hasSuffix("-> CREATED") }
    try expect(listener.readLine()) { $0.hasSuffix("-> RUNNING") }
    try expect(listener.readLine()) { $0.contains("-> FAILED") }
    try expect(listener.end(with: SIGTERM).code, is: 0)

    try expect(LedgerReader(taro.ledger).ledgerID, isNot: before)
    let kinds = try taro.events(ofJob: "busy").map(\.kind).filter { $0 != .status }
    #expect(
      kinds == [
        .state(.created), .state(.running), .outputGap, .output, .state(.failed),
      ])
    try expect(taro.ending(ofJob: "busy")?.ending.output?.bytes, is: 8)
    try taro.run("stop", "--force", "--wait", "20s", "idle").expect(code: 0)
    _ = try idle.finish()
    try expect(taro.ending(ofJob: "idle")?.state, is: .stopped)
    try taro.run("ledger", "verify").expect(code: 0, stderr: "")
    let again = try taro.start("listen", "--checkpoint", "audit")
    _ = try again.readLine()
    try expect(again.end(with: SIGTERM).stderr, is: "")
  }

  @Test func `a place that is taken stays taken`() throws {
    let taro = try TaroProgram()
    let holders = try (0..<5).map { try taro.startJob("holder\($0)", options: ["-g", "slots"]) }
    try damage(taro)
    // It puts the ledger aside itself, and asks its gate at once.
    let late = try taro.start("exec", "-m", "5", "-g", "slots", "--id", "late", "echo", "ran")
    try eventually("a new ledger") {
      (try? LedgerReader(taro.ledger).events(after: 0, limit: 1).first?.kind) == .sealed
    }
    _ = try taro.waitForEvent("late waits") { $0.job == "late" && $0.kind == .state(.waiting) }
    try holders.at(0).write("exit 0\n")
    try expect(holders.at(0).finish().code, is: 0)
    try expect(late.finish().stdout, is: Array("ran\n".utf8))
    for holder in holders.dropFirst() {
      try holder.write("exit 0\n")
      try expect(holder.finish().code, is: 0)
    }
  }

  @Test func `who was killed between the steps is succeeded by the next`() throws {
    let taro = try TaroProgram()
    for job in 1...20 { try taro.exec("job\(job)", "true") }
    let id = try LedgerReader(taro.ledger).ledgerID
    try damageNewest(taro)
    let name = try sealAndDie(taro)
    try taro.run("exec", "--id", "next", "true").expect(code: 0)
      .expectOneLine(about: "put aside as \(name)")
    let first = try firstEvent(taro)
    #expect(first.file == name)
    #expect(first.ledgerID == id)
    #expect(first.lastGood != nil)
    #expect(Files.exists("\(taro.ledger.path)/\(name)-wal"))
    try expect(taro.ending(ofJob: "job1")?.state, is: .completed)
    try expect(taro.firstBrokenLink()) { $0 == nil }
  }

  @Test func `runs are told by whoever succeeds who was killed`() throws {
    let taro = try TaroProgram()
    let idle = try taro.startJob("idle")
    try damage(taro)
    _ = try sealAndDie(taro)
    try taro.run("exec", "--id", "next", "true").expect(code: 0)
      .expectOneLine(about: "put aside as")
    _ = try taro.waitForEvent("the idle run") { $0.job == "idle" && $0.kind == .state(.running) }
    try idle.write("exit 0\n")
    try expect(idle.finish().code, is: 0)
    try expect(taro.ending(ofJob: "idle")?.state, is: .completed)
  }

  @Test func `runs are told before anything else is done`() throws {
    let taro = try TaroProgram()
    let idle = try taro.startJob("idle")
    let instance = try taro.instance("idle")
    try damage(taro)
    let log = "\(taro.root)/strace"
    try taro.shell(
      "exec strace -f -y -e trace=fsync,write,openat -o \(log) \"$TARO\" exec --id next true"
    ).expect(code: 0)
    let calls = try Files.lines(log)
    func first(_ call: String, _ file: String) throws -> Int {
      try #require(calls.firstIndex { $0.contains("\(call)(") && $0.contains(file) }, "\(file)")
    }
    let synced = try first("fsync", "\(taro.ledger.path)>")
    let rung = try first("write", "/run/\(instance)>")
    let surveyed = try first("openat", "/ledger.db.sealed-")
    #expect(synced < rung)
    #expect(rung < surveyed)
    try idle.write("exit 0\n")
    try expect(idle.finish().code, is: 0)
  }

  @Test func `a ledger that somebody has removed is not one that was put aside`() throws {
    let taro = try TaroProgram()
    try taro.exec("a", "true")
    try damage(taro)
    try taro.run("exec", "--id", "b", "true").expect(code: 0)
    let name = try firstEvent(taro).file
    unlink("\(taro.ledger.path)/\(name)-wal")
    #expect(unlink(taro.ledger.database) == 0)
    try taro.run("exec", "--id", "c", "true").expect(code: 0)
      .expectOneLine(about: "ledger.db is gone", "put aside as")
    // What is left of it, and not under the name of the one before.
    let left = try firstEvent(taro).file
    #expect(left != name)
    #expect(Files.exists("\(taro.ledger.path)/\(left)-wal"))
    #expect(!Files.exists("\(taro.ledger.path)/\(name)-wal"))
  }

  /// Each page that is read of the ledger takes 30 ms, so that all of them take longer than this test may.
  @Test func `a large ledger is believed to be damaged before all of it is read`() throws {
    let taro = try TaroProgram()
    try taro.exec("a", "head", "-c", "12000000", "/dev/urandom")
    let index = try {
      let connection = try Connection(taro.ledger.database, .readWrite, busyMilliseconds: 1000)
      try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
      return try connection.integer(
        "SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_event_1'")
    }()
    // Opening it reads nothing of this.
    try damage(Int(index) - 1, of: taro)
    try taro.shell(
      """
      exec strace -f -qq -o /dev/null -P \(taro.ledger.database) \
        -e trace=pread64 -e inject=pread64:delay_enter=30000 "$TARO" exec --id next echo ran
      """, change: { $0.deadline = 60 }
    ).expect(code: 0, stdout: "ran\n").expectOneLine(about: "damaged", "put aside as")
    try expect(firstEvent(taro).reason) { $0.contains("malformed") }
    try expect(taro.ending(ofJob: "next")?.state, is: .completed)
  }

  @Test func `what stands behind a bad frame of the WAL is in the new one`() throws {
    let taro = try TaroProgram()
    for job in 1...5 { try taro.exec("job\(job)", "seq", "200") }
    let before = try taro.events()
    let wal = "\(taro.ledger.database)-wal"
    var bytes = try Files.contents(wal)
    // In a frame in the middle: SQLite reads those before it.
    let frames = (bytes.count - 32) / 4120
    bytes[32 + frames / 2 * 4120 + 2000] ^= 0x55
    try Files.write(bytes, to: wal)
    unlink("\(taro.ledger.database)-shm")
    let told = try taro.run("hist").expect(code: 0)
    #expect(told.stderr.contains("missing"), "\(told)")
    try taro.run("exec", "--id", "next", "true").expect(code: 0)
      .expectOneLine(about: "missing", "put aside as", "of its \(before.count) events")
    try expect(Files.contents("\(taro.ledger.path)/\(try firstEvent(taro).file)-wal"), is: bytes)
    for job in 1...5 {
      try expect(taro.ending(ofJob: "job\(job)")?.state, is: .completed)
      try expect(taro.run("output", "job\(job)").expect(code: 0).lines.count, is: 200)
    }
    try taro.run("ledger", "verify").expect(code: 0, stderr: "")
  }

  @Test func `runs and listeners go on where they were when the new one has them`() throws {
    let taro = try TaroProgram()
    let busy = try taro.startJob("busy")
    try busy.say("one")
    _ = try taro.waitForEvent("its output") { $0.kind == .output }
    for job in 1...20 { try taro.exec("job\(job)", "true") }
    let listener = try taro.start("listen", "--checkpoint", "audit", "-f", "jsonl")
    let head = try LedgerReader(taro.ledger).head().seq
    try eventually("the checkpoint") {
      let text = try? Files.text("\(taro.ledger.checkpoints)/audit")
      return text.flatMap { try? JSON(parsing: $0)["seq"]?.seq } == head
    }
    try expect(listener.end(with: SIGTERM).code, is: 0)
    try damageNewest(taro)
    try taro.run("exec", "--id", "next", "true").expect(code: 0)
      .expectOneLine(about: "put aside as", "a new one was begun with", " of its ")
    try busy.say("two")
    try busy.write("exit 3\n")
    try expect(busy.finish().code, is: 3)
    let kinds = try taro.events(ofJob: "busy").map(\.kind).filter { $0 != .status }
    #expect(kinds == [.state(.created), .state(.running), .output, .output, .state(.failed)])
    try taro.run("output", "busy").expect(code: 0, stdout: "one\ntwo\n")
    try expect(taro.ending(ofJob: "job1")?.state, is: .completed)
    try taro.run("ledger", "verify").expect(code: 0, stderr: "")
    // The name goes on behind what it has given out.
    let again = try taro.start("listen", "--checkpoint", "audit", "-f", "jsonl")
    try expect(again.readLine()) { $0.contains("\"next\"") }
    try expect(again.end(with: SIGTERM).stderr, is: "")
  }

  @Test func `another program's database stays where it is`() throws {
    let taro = try TaroProgram()
    mkdir(taro.ledger.path, 0o700)
    try taro.makeForeignDatabase()
    let bytes = try Files.contents(taro.ledger.database)
    try taro.run("exec", "sh", "-c", "exit 3").expect(code: 3)
      .expectOneLine(about: "another program's database", "--ledger")
    try expect(Files.contents(taro.ledger.database), is: bytes)
    #expect(sealed(taro).isEmpty)
  }

  @Test func `who only asks puts nothing aside`() throws {
    let taro = try TaroProgram()
    try taro.exec("a", "true")
    try damage(taro)
    for command in [["ps"], ["hist"], ["stop", "--force", "a"], ["disable", "a"]] {
      let result = try taro.runAll(command)
      #expect(result.code == EX_DATAERR, "\(result)")
      #expect(result.stderr.contains("the next taro exec puts it aside"), "\(result)")
    }
    #expect(sealed(taro).isEmpty)
  }
}
