internal import Events
import Glibc
internal import Ledger
import Linux
import TestSupport
import Testing

/// Files of a ledger that are no files, or cannot be read.
@Suite("unreadable files", .temporaryDirectory) struct UnreadableFilesTests {
  private let taro: TaroProgram

  init() throws {
    taro = try TaroProgram()
    try taro.exec("first", "echo", "out")
    try taro.run("hist").expect(code: 0, stderr: "")
  }

  private func path(_ name: String) -> String { "\(taro.ledger.path)/\(name)" }

  private func put(_ kind: String, at name: String) throws {
    Files.removeTree(path(name))
    let result = kind == "fifo" ? mkfifo(path(name), 0o600) : mkdir(path(name), 0o700)
    try #require(result == 0)
  }

  @Test func `a FIFO in the place of the WAL is put aside, and the job is run and recorded`() throws
  {
    try put("fifo", at: "ledger.db-wal")
    try taro.run("exec", "--id", "next", "echo", "ran").expect(code: 0, stdout: "ran\n")
      .expectOneLine(about: "damaged", "a new one was begun")
    try expect(taro.ending(ofJob: "next")?.state, is: .completed)
  }

  @Test(arguments: ["fifo", "directory"])
  func `what stands in the place of the bell keeps nothing from the ledger`(kind: String) throws {
    try put(kind, at: "ledger.bell")
    try taro.run("exec", "--id", "next", "echo", "ran").expect(code: 0, stdout: "ran\n", stderr: "")
    try expect(taro.ending(ofJob: "next")?.state, is: .completed)
    try taro.run("ps").expect(code: 0, stderr: "")
  }

  @Test(arguments: ["projections.db-wal", "projections.db-journal"], ["fifo", "directory"])
  func `questions are answered beside the read models' file`(name: String, kind: String) throws {
    try put(kind, at: name)
    try taro.exec("next", "true")
    let result = try taro.run("hist").expect(code: 0)
    #expect(result.text.contains("next"), "\(result)")
    #expect(result.text.contains("first"), "\(result)")
  }

  @Test(arguments: ["fifo", "directory"])
  func `a journal that is no file is told, and waited for by nobody`(kind: String) throws {
    try put(kind, at: "ledger.db-journal")
    try taro.run("exec", "--id", "next", "echo", "ran").expect(code: 0, stdout: "ran\n")
      .expectOneLine(about: "ledger.db-journal is no regular file")
    #expect(try taro.run("hist").stderr.contains("ledger.db-journal is no regular file"))
    rmdir(path("ledger.db-journal"))
    unlink(path("ledger.db-journal"))
    try taro.run("ps").expect(code: 0, stderr: "")
    try expect(taro.ending(ofJob: "next")?.state, is: .completed)
  }

  @Test func `a checkpoint that is a FIFO counts as unreadable, and gives way`() throws {
    try #require(mkdir(path("checkpoints"), 0o700) == 0)
    try put("fifo", at: "checkpoints/audit")
    try put("directory", at: "checkpoints/.audit.new")
    let listener = try taro.start("listen", "--checkpoint", "audit")
    defer { listener.signal(SIGKILL) }
    try eventually("the position is saved") {
      guard let mode = fileMode(path("checkpoints/audit")) else { return false }
      return mode & S_IFMT == S_IFREG
    }
  }

  private func fileMode(_ path: String) -> mode_t? {
    var info = stat()
    return lstat(path, &info) == 0 ? info.st_mode : nil
  }

  /// Runs it with a disk that cannot read ledger.lock.
  private func runUnreadable(_ words: String...) throws -> TaroResult {
    let lock = path("ledger.lock")
    return try taro.start(bytes: words.map { Array($0.utf8) }) { setup in
      setup.wrapper = [
        "strace", "-f", "-o", "/dev/null", "-P", lock, "-e", "trace=pread64", "-e",
        "inject=pread64:error=EIO",
      ]
    }.finish()
  }

  @Test(arguments: [["ledger", "verify"], ["hist"], ["ps"], ["ledger", "backup"]])
  func `a ledger.lock that cannot be read is not one that says nothing`(_ words: [String]) throws {
    unlink(path("ledger.db-shm"))
    let wal = path("ledger.db-wal")
    var bytes = try Files.contents(wal)
    bytes[bytes.count / 2] ^= 1
    try Files.write(bytes, to: wal)
    let lock = try Files.contents(path("ledger.lock"))
    let target = words.last == "backup" ? ["\(TemporaryDirectory.path)/copy"] : []
    let all = words + target
    let result = try taro.start(bytes: all.map { Array($0.utf8) }) { setup in
      setup.wrapper = [
        "strace", "-f", "-o", "/dev/null", "-P", path("ledger.lock"), "-e", "trace=pread64", "-e",
        "inject=pread64:error=EIO",
      ]
    }.finish()
    #expect(result.code != 0, "\(result)")
    let said = result.text + result.stderr
    #expect(said.contains("ledger.lock cannot be read"), "\(result)")
    try expect(Files.contents(wal), is: bytes)
    try expect(Files.contents(path("ledger.lock")), is: lock)
  }

  @Test func `a run that cannot read ledger.lock is kept in a spool`() throws {
    let before = try Files.contents(path("ledger.db-wal"))
    try runUnreadable("exec", "--id", "next", "echo", "ran").expect(code: 0, stdout: "ran\n")
      .expectOneLine(about: "ledger.lock cannot be read", "kept in")
    try expect(Files.contents(path("ledger.db-wal")), is: before)
    try taro.run("ps").expect(code: 0, stderr: "")
    try expect(taro.ending(ofJob: "next")?.state, is: .completed)
  }

  @Test func `a listener makes nothing in a copy`() throws {
    let copy = "\(TemporaryDirectory.path)/copy"
    try #require(mkdir(copy, 0o700) == 0)
    for name in ["ledger.db", "ledger.db-wal"] {
      try Files.write(Files.contents(path(name)), to: "\(copy)/\(name)")
    }
    let listener = try taro.start("listen", "--all", "--since", "0", "--ledger", copy)
    try expect(listener.readLine()) { $0.contains("first") }
    try listener.end(with: SIGTERM).expect(code: 0)
    #expect(!Files.names(in: copy).contains("ledger.lock"))
  }

  @Test func `a question waits a moment for a held queue, not ten seconds`() throws {
    let queue = try taro.holdQueue()
    try taro.run("exec", "--id", "kept", "true").expect(code: 0)
    let start = MonotonicTime.now
    try taro.run("hist").expect(code: 0)
    // With what else this machine has to do.
    #expect(MonotonicTime.now - start < 9_000_000)
    queue.release()
    try taro.run("hist").expect(code: 0, stderr: "")
    try expect(taro.ending(ofJob: "kept")?.state, is: .completed)
  }
}
