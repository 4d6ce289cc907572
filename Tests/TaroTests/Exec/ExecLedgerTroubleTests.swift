internal import Events
import Glibc
internal import Ledger
import Linux
import SQLite
import TestSupport
import Testing

/// The job comes first: whatever is wrong with the ledger, it runs, and one line says what is wrong.
@Suite(.temporaryDirectory) struct ExecLedgerTroubleTests {
  /// Runs a job that must not notice anything.
  private func run(
    _ taro: TaroProgram, about words: String...,
    change: (inout TaroProgram.Setup) -> Void = { _ in },
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let result = try taro.run("exec", "--id", "a", "sh", "-c", "echo out; exit 3", change: change)
    result.expect(code: 3, stdout: "out\n", sourceLocation: sourceLocation)
      .expectOneLine(about: taro.ledger.path, sourceLocation: sourceLocation)
    for word in words {
      #expect(result.stderr.contains(word), "\(result)", sourceLocation: sourceLocation)
    }
  }

  @Test func `a ledger that is a file`() throws {
    let taro = try TaroProgram()
    try Files.write([], to: taro.ledger.path)
    try run(taro, about: "no directory", "--ledger")
  }

  @Test func `a directory that cannot be made`() throws {
    let taro = try TaroProgram()
    let result = try taro.run("exec", "--ledger", "/proc/none/ledger", "sh", "-c", "exit 3")
    result.expect(code: 3, stdout: "").expectOneLine(about: "/proc/none", "--ledger")
  }

  @Test(arguments: [0o770, 0o777, 0o702] as [UInt32])
  func `a directory that others may write`(mode: UInt32) throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0, stderr: "")
    chmod(taro.ledger.path, mode)
    try run(taro, about: "others can write it", "chmod go-w \(taro.ledger.path)")
  }

  @Test(.enabled(if: geteuid() == 0))
  func `a directory of somebody else`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0, stderr: "")
    chown(taro.ledger.path, 65534, 65534)
    try run(taro, about: "it belongs to")
  }

  @Test(arguments: [true, false])
  func `a directory that may not be written`(isNew: Bool) throws {
    let taro = try TaroProgram()
    if isNew {
      mkdir(taro.ledger.path, 0o700)
    } else {
      try taro.run("exec", "true").expect(code: 0, stderr: "")
    }
    let nobody = try OtherUser(taro)
    chmod(taro.ledger.path, 0o500)
    for file in Files.names(in: taro.ledger.path) { chmod("\(taro.ledger.path)/\(file)", 0o400) }
    try run(taro, about: "cannot be written") { $0.wrapper = nobody.wrapper }
  }

  @Test func `a user without a home and without an entry in the password file`() throws {
    let taro = try TaroProgram()
    let nobody = try OtherUser(taro)
    let result = try taro.run("exec", "sh", "-c", "exit 3") {
      $0.hasPrivateMachine = true
      $0.wrapper = nobody.wrapper + ["env", "-u", "TARO_LEDGER", "-u", "HOME"]
    }
    result.expect(code: 3, stdout: "")
      .expectOneLine(about: "kept in", "no home directory", "install -d -m 1733 /var/lib/taro-")
  }

  enum Damage: String, CaseIterable, CustomTestStringConvertible {
    case garbage, truncated, pages
    var testDescription: String { rawValue }
  }

  @Test(arguments: Damage.allCases)
  func `a damaged ledger`(damage: Damage) throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0, stderr: "")
    // What is in the WAL goes into the file, so that the file is all there is.
    let pages = try taro.checkpointedDatabase().bytes
    let file = taro.ledger.database
    switch damage {
    case .garbage: try Files.write(Array(repeating: 0x78, count: 40_000), to: file)
    // Pages that the header says are there, and are not.
    case .truncated: try Files.write(Array(pages[..<8192]), to: file)
    case .pages:
      try Files.write(
        pages[..<100] + Array(repeating: 0xff, count: pages.count - 100), to: file)
    }
    try run(taro, about: "damaged", "put aside as ledger.db.sealed-")
    try expect(taro.ending(ofJob: "a")?.ending.exitCode, is: 3)
  }

  @Test func `a ledger that is removed while the job runs`() throws {
    let taro = try TaroProgram()
    let result = try taro.run(
      "exec", "sh", "-c", "rm -r \"$TARO_LEDGER\"; seq 1000; exit 3")
    result.expect(code: 3, stdout: (1...1000).map { "\($0)\n" }.joined())
    #expect(result.errorLines.count <= 1, "\(result)")
  }

  @Test func `a queue that is held beyond the deadline`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0, stderr: "")
    let queue = try taro.holdQueue()
    try run(taro, about: "ledger.lock", "fuser")
    queue.release()
    try taro.run("exec", "true").expect(code: 0, stderr: "")
    try expect(taro.firstBrokenLink()) { $0 == nil }
  }

  /// Its start waits ten seconds for it, and its end one more.
  @Test func `a database that is held for itself is waited for once`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0, stderr: "")
    let foreign = try Connection(taro.ledger.database, .readWrite, busyMilliseconds: 1000)
    try foreign.execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE")
    let start = MonotonicTime.now
    try taro.run("exec", "--id", "a", "echo", "ran").expect(code: 0, stdout: "ran\n")
      .expectOneLine(about: "kept in", "another program holds the lock")
    let elapsed = MonotonicTime.now - start
    #expect(elapsed > 9_000_000, "\(elapsed)")
    #expect(elapsed < 19_500_000, "\(elapsed)")
    _ = consume foreign
    try taro.run("ps").expect(code: 0, stderr: "")
    try expect(taro.ending(ofJob: "a")?.state, is: .completed)
  }

  @Test func `a run that was refused for want of a record does not look as if it had been lost`()
    throws
  {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0, stderr: "")
    let queue = try taro.holdQueue()
    try taro.run("exec", "--id", "a", "--require-ledger", "touch", "ran").expect(code: 125)
      .expectOneLine(about: "ledger.lock", "its job is not run")
    queue.release()
    #expect(!Files.exists("\(taro.work)/ran"))
    try taro.run("ps").expect(code: 0)
    let ending = try taro.ending(ofJob: "a")
    #expect(ending?.state == .error)
    #expect(ending?.ending.reason?.contains("--require-ledger") == true)
    try expect(taro.events(ofJob: "a").map(\.kind), is: [.state(.created), .state(.error)])
  }

  @Test func `a job that says nothing is recorded as soon as it can be`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0, stderr: "")
    let queue = try taro.holdQueue()
    let job = try taro.start("exec", "--id", "a", "sh", "-c", "read line") { $0.stdin = .pipe }
    try expect(job.readLine(.stderr)) { $0.contains("kept in") }
    queue.release()
    _ = try taro.waitForEvent("its beginning") { $0.job == "a" && $0.kind == .state(.running) }
    try job.write("\n")
    try expect(job.finish().code, is: 0)
    try expect(taro.ending(ofJob: "a")?.state, is: .completed)
  }

  @Test func `without timers the queue is waited for all the same`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0, stderr: "")
    let queue = try taro.holdQueue()
    let job = try taro.start("exec", "--id", "a", "true") {
      $0.preparation = "prlimit --sigpending=0 --pid $$"
    }
    try eventually("it waits") {
      let stat = try Files.text("/proc/\(job.pid)/stat")
      return !Files.names(in: "\(taro.ledger.path)/run").isEmpty && stat.contains(") S ")
    }
    queue.release()
    try job.finish().expect(code: 0, stderr: "")
    try expect(taro.ending(ofJob: "a")?.state, is: .completed)
  }

  @Test func `a database that another program has locked`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0, stderr: "")
    let foreign = try Connection(taro.ledger.database, .readWrite, busyMilliseconds: 1000)
    let backup = try foreign.begin()
    // More than taro takes in while the recorder waits.
    let script = "head -c 20000000 /dev/zero; exit 3"
    let result = try taro.run("exec", "--id", "a", "sh", "-c", script) {
      $0.stdout = .file("/dev/null")
      $0.deadline = 240
    }
    result.expect(code: 3).expectOneLine(
      about: taro.ledger.path, "another program", "fuser -v \(taro.ledger.database)")
    try backup.commit()
    try taro.run("ps").expect(code: 0, stderr: "")
    try expect(taro.ending(ofJob: "a")?.ending.exitCode, is: 3)
    try expect(taro.firstBrokenLink()) { $0 == nil }
  }

  @Test func `a limit on the size of files`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0, stderr: "")
    let bytes = try Files.randomBytes(3_000_000)
    try Files.write(bytes, to: "\(taro.work)/bytes")
    // In blocks of 512 bytes; the job's own limit as well, and it writes no file.
    let result = try taro.run("exec", "--id", "a", "sh", "-c", "cat bytes; exit 3") {
      // Without the right to raise it.
      $0.wrapper =
        (TestHost.isRoot ? ["setpriv", "--bounding-set=-sys_resource"] : [])
        + ["sh", "-c", "ulimit -f 1000; exec \"$@\"", "sh"]
      $0.hasPrivateMachine = true
    }
    result.expect(code: 3).expectOneLine(about: taro.ledger.path)
    result.expectStdout(bytes)
    try expect(taro.firstBrokenLink()) { $0 == nil }
    try taro.run("exec", "--id", "next", "true").expect(code: 0, stderr: "")
    try expect(taro.ending(ofJob: "next")?.state, is: .completed)
  }

  @Test func `the job that exceeds such a limit dies of it as without taro`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "sh", "-c", "exec head -c 2000000 /dev/zero >big") {
      $0.wrapper = ["sh", "-c", "ulimit -c 0; ulimit -f 1000; exec \"$@\"", "sh"]
      $0.hasPrivateMachine = true
    }.expect(code: 128 + SIGXFSZ, stderr: "")
    try expect(taro.ending(ofJob: "a")?.ending.signal, is: "XFSZ")
  }

  /// In a mount namespace of its own, which is gone with the process; 4 KiB are full at once, 512 KiB later.
  @Test(arguments: [4, 512])
  func `a full file system`(kibibytes: Int) throws {
    let taro = try TaroProgram()
    mkdir(taro.ledger.path, 0o700)
    let bytes = try Files.randomBytes(3_000_000)
    try Files.write(bytes, to: "\(taro.work)/bytes")
    let mount = "mount -t tmpfs -o mode=700,size=\(kibibytes)k none \"$TARO_LEDGER\""
    guard try taro.run("--version", change: { $0.wrapper = Self.unshared(mount) }).code == 0 else {
      try Test.cancel("no right to mount a file system here")
    }
    let result = try taro.run("exec", "sh", "-c", "cat bytes; exit 3") {
      $0.wrapper = Self.unshared(mount)
    }
    result.expect(code: 3).expectOneLine(about: taro.ledger.path, "no space")
    result.expectStdout(bytes)
  }

  private static func unshared(_ script: String) -> [String] {
    ["unshare", "-m", "sh", "-c", script + " && exec \"$@\"", "sh"]
  }
}
