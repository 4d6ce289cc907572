internal import Events
import Glibc
import Ledger
import Linux
import TestSupport
import Testing

/// What a tidying script does to the ledger's directory under runs that live.
@Suite(.temporaryDirectory) struct ExecTidiedLedgerTests {
  private func startSleeping(_ taro: TaroProgram, _ id: String) throws -> TaroProcess {
    // There has to be a ledger to wait at.
    _ = try LedgerWriter(taro.ledger)
    let job = try taro.start("exec", "--id", id, "sleep", "60")
    _ = try taro.waitForEvent("it runs") { $0.job == id && $0.kind == .state(.running) }
    return job
  }

  private func removeRunFiles(_ taro: TaroProgram) throws {
    let names = Files.names(in: taro.ledger.runDirectory)
    try #require(!names.isEmpty)
    for name in names { unlink("\(taro.ledger.runDirectory)/\(name)") }
  }

  @Test func `a stop reaches a run whose run file was removed`() throws {
    let taro = try TaroProgram()
    let job = try startSleeping(taro, "a")
    try removeRunFiles(taro)
    try taro.run("stop", "--force", "a").expect(code: 0, stderr: "")
    try job.finish().expect(code: 143)
    try expect(taro.ending(ofJob: "a")?.state, is: .stopped)
  }

  @Test func `a latch reaches a waiting run whose run file was removed`() throws {
    let taro = try TaroProgram()
    let job = try taro.start("exec", "--id", "a", "--pending", "latch", "true") { $0.deadline = 30 }
    try eventually("it waits") {
      (try? taro.events(ofJob: "a").last?.kind) == .state(.pending)
    }
    try removeRunFiles(taro)
    try taro.run("release", "latch").expect(code: 0)
    try job.finish().expect(code: 0)
  }

  @Test func `a question has the run file made anew, and the run is not called lost`() throws {
    let taro = try TaroProgram()
    let job = try startSleeping(taro, "a")
    Files.removeTree(taro.ledger.runDirectory)
    let listed = try taro.run("ps", "-f", "jsonl").expect(code: 0, stderr: "").lines
    #expect(listed.count == 1)
    try eventually("its file is there") { Files.names(in: taro.ledger.runDirectory).count == 1 }
    try taro.run("stop", "--force", "a").expect(code: 0)
    try job.finish().expect(code: 143)
    #expect(Files.names(in: taro.ledger.runDirectory) == [])
    try expect(taro.events().contains { $0.kind == .state(.lost) }, is: false)
  }

  @Test func `a request whose run cannot be reached is told as such`() throws {
    let taro = try TaroProgram()
    let job = try startSleeping(taro, "a")
    try removeRunFiles(taro)
    try taro.run("stop", "--force", "a") {
      // Nothing leads past the name that is gone.
      let script = "mount -t tmpfs none /proc/\(job.pid)/fd && exec \"$@\""
      $0.wrapper = ["unshare", "-m", "sh", "-c", script, "sh"]
    }.expect(code: 75).expectOneLine(about: "could not be told", "was removed")
    // Which it may have found by itself.
    job.signal(SIGTERM)
    try job.finish().expect(code: 143)
  }

  @Test func `what a killed runner has left before its first event is removed by who looks`() throws
  {
    let taro = try TaroProgram()
    let job = try startSleeping(taro, "a")
    let directory = taro.ledger.runDirectory
    let (dead, unnamed, fresh) = ("06h2a1c49pxjhyq5", ".06h2a1c49pxjhyq6", ".06h2a1c49pxjhyq7")
    for name in [dead, unnamed, fresh] { try #require(mkfifo("\(directory)/\(name)", 0o600) == 0) }
    var old = [timespec(tv_sec: 1_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000, tv_nsec: 0)]
    try #require(utimensat(AT_FDCWD, "\(directory)/\(unnamed)", &old, 0) == 0)
    try taro.run("ps").expect(code: 0, stderr: "")
    // That of the live run, and one that may just be being made.
    let left = Files.names(in: directory)
    #expect(left.count == 2)
    #expect(left.contains(fresh))
    #expect(!left.contains(dead))
    try taro.run("stop", "--force", "a").expect(code: 0)
    try job.finish().expect(code: 143)
    try expect(taro.events(ofJob: "a").last?.kind, is: .state(.stopped))
  }

  @Test(arguments: [false, true])
  func `a run ends in the ledger where it began, whatever that is called then`(
    isReplaced: Bool
  ) throws {
    let taro = try TaroProgram()
    _ = try LedgerWriter(taro.ledger)
    let job = try taro.start("exec", "--id", "a", "sh", "-c", "echo one; cat; echo two; exit 3") {
      $0.stdin = .pipe
    }
    _ = try taro.waitForEvent("its first line") { $0.kind == .output }
    let moved = LedgerDirectory("\(taro.root)/moved")
    try #require(rename(taro.ledger.path, moved.path) == 0)
    if isReplaced { try taro.run("exec", "--id", "other", "true").expect(code: 0) }
    job.closeInput()
    try job.finish().expect(code: 3, stdout: "one\ntwo\n", stderr: "")
    #expect(Files.exists(taro.ledger.path) == isReplaced)
    #expect(Files.names(in: moved.runDirectory) == [])
    let reader = try LedgerReader(moved)
    let instance = try #require(try reader.events(after: 0, limit: 1).first?.instance)
    let kinds = try reader.events(of: instance).map(\.kind)
    #expect(
      kinds.filter { $0.state != nil } == [.state(.created), .state(.running), .state(.failed)])
    if isReplaced { try expect(taro.events()) { $0.allSatisfy { $0.job == "other" } } }
    for ledger in [moved.path] + (isReplaced ? [taro.ledger.path] : []) {
      try taro.run("ledger", "verify", "--ledger", ledger).expect(code: 0)
    }
    try taro.run("output", "--ledger", moved.path, "a").expect(code: 0, stdout: "one\ntwo\n")
  }

  @Test func `requests reach a run by the ledger's new name`() throws {
    let taro = try TaroProgram()
    let job = try startSleeping(taro, "a")
    let moved = "\(taro.root)/moved"
    try #require(rename(taro.ledger.path, moved) == 0)
    try taro.run("stop", "--force", "--ledger", moved, "a").expect(code: 0)
    try job.finish().expect(code: 143, stderr: "")
    let last = try LedgerReader(LedgerDirectory(moved)).events(after: 0, limit: .max).last
    #expect(last?.kind == .state(.stopped))
    #expect(!Files.exists(taro.ledger.path))
  }
}
