internal import Events
import Glibc
internal import Ledger
import Linux
import TestSupport
import Testing

/// Runs that could not be recorded when they were run, and are all the same.
@Suite(.temporaryDirectory) struct ExecSpoolTests {
  private func spooled(_ taro: TaroProgram) -> [String] {
    let outside = Files.names(in: "\(taro.runtime)/taro-spool").flatMap {
      Files.names(in: "\(taro.runtime)/taro-spool/\($0)")
    }
    return outside + Files.names(in: "\(taro.ledger.path)/spool")
  }

  private func expectWhole(_ taro: TaroProgram, _ job: String = "a", code: Int64 = 3) throws {
    // However many pieces the output came in.
    let kinds = try taro.events(ofJob: job).map(\.kind).filter { $0 != .status }
      .reduce(into: [EventKind]()) { if $0.last != .output || $1 != .output { $0.append($1) } }
    #expect(
      kinds == [
        .state(.created), .state(.running), .output, .state(code == 0 ? .completed : .failed),
      ])
    try expect(taro.ending(ofJob: job)?.ending.exitCode, is: code)
    try expect(taro.ending(ofJob: job)?.ending.output?.droppedBytes, is: 0)
    try taro.run("ledger", "verify").expect(code: 0, stderr: "")
    #expect(spooled(taro).isEmpty)
  }

  @Test func `a ledger that is no directory, until somebody mends it`() throws {
    let taro = try TaroProgram()
    try Files.write([], to: taro.ledger.path)
    let result = try taro.run("exec", "--id", "a", "sh", "-c", "echo out; echo err >&2; exit 3")
    #expect(result.code == 3)
    #expect(spooled(taro).count == 1)
    unlink(taro.ledger.path)
    // Whoever can write the ledger; a command that only asks has none to write yet.
    try taro.run("exec", "--id", "b", "true").expect(code: 0, stderr: "")
    try expectWhole(taro)
    try taro.run("output", "--stderr", "a").expect(code: 0, stdout: "err\n", stderr: "")
  }

  @Test func `of twenty that look at once one takes it in`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0)
    chmod(taro.ledger.path, 0o770)
    try expect(taro.run("exec", "--id", "a", "sh", "-c", "echo out; exit 3").code, is: 3)
    chmod(taro.ledger.path, 0o700)
    let looks = try (0..<20).map { _ in try taro.start("ps") }
    for look in looks { try look.finish().expect(code: 0, stderr: "") }
    try expectWhole(taro)
  }

  @Test func `a queue that is held until the job has ended`() throws {
    let taro = try TaroProgram()
    let job = try taro.startJob("a")
    let queue = try taro.holdQueue()
    try job.say("out")
    try expect(job.readLine(.stderr)) { $0.contains("kept in \(taro.ledger.path)/spool/") }
    try job.write("exit 3\n")
    try expect(job.finish().code, is: 3)
    // It is known to have ended, and how: nobody calls it lost.
    queue.release()
    try taro.run("ps").expect(code: 0, stderr: "")
    try expectWhole(taro)
  }

  /// The directory of a place stays when its last spool was taken in.
  @Test func `an empty place does not hide what waits in another`() throws {
    let taro = try TaroProgram()
    try taro.exec("before", "true")
    chmod(taro.ledger.path, 0o770)
    try taro.run("exec", "--id", "first", "true").expect(code: 0)
    chmod(taro.ledger.path, 0o700)
    try taro.run("ps").expect(code: 0, stderr: "")
    #expect(!Files.names(in: "\(taro.runtime)/taro-spool").isEmpty)
    let job = try taro.startJob("a")
    let queue = try taro.holdQueue()
    try job.say("out")
    try expect(job.readLine(.stderr)) { $0.contains("kept in \(taro.ledger.path)/spool/") }
    try job.write("exit 3\n")
    try expect(job.finish().code, is: 3)
    queue.release()
    try taro.run("ps").expect(code: 0, stderr: "")
    try expectWhole(taro)
  }

  @Test func `a spool that somebody removes while the job runs`() throws {
    let taro = try TaroProgram()
    let job = try taro.startJob("a")
    let queue = try taro.holdQueue()
    try job.say("out")
    try expect(job.readLine(.stderr)) { $0.contains("kept in \(taro.ledger.path)/spool/") }
    try taro.shell("rm -r \"$TARO_LEDGER/spool\"").expect(code: 0)
    try job.write("exit 3\n")
    try expect(job.finish().code, is: 3)
    #expect(!spooled(taro).isEmpty)
    queue.release()
    try taro.run("ps").expect(code: 0, stderr: "")
    try expectWhole(taro)
  }

  @Test func `a runner that is killed meanwhile`() throws {
    let taro = try TaroProgram()
    let job = try taro.startJob("a")
    let queue = try taro.holdQueue()
    try job.say("out")
    _ = try job.readLine(.stderr)
    job.signal(SIGKILL)
    _ = try job.finish()
    queue.release()
    try taro.run("ps").expect(code: 0, stderr: "")
    try expect(
      taro.events(ofJob: "a").map(\.kind).filter { $0 != .status },
      is: [
        .state(.created), .state(.running), .output, .state(.lost),
      ])
    try taro.run("output", "a").expect(code: 0, stdout: "out\n", stderr: "")
    #expect(spooled(taro).isEmpty)
  }

  @Test func `a directory that is removed while the job runs`() throws {
    let taro = try TaroProgram()
    let result = try taro.run(
      "exec", "--id", "a", "sh", "-c", "rm -r \"$TARO_LEDGER\"; echo out; exit 3")
    #expect(result.code == 3)
    try taro.run("exec", "--id", "b", "true").expect(code: 0, stderr: "")
    try expectWhole(taro)
  }

  /// In a mount namespace of its own, which is gone with the shell. The space that the run has set aside takes its end;
  /// the output does not fit and is counted.
  @Test func `a disk that the job itself fills`() throws {
    let taro = try TaroProgram()
    mkdir(taro.ledger.path, 0o700)
    let script = """
      mount -t tmpfs -o mode=700,size=2m none "$TARO_LEDGER" || exit 77
      "$TARO" exec --id a sh -c 'dd if=/dev/zero of="$TARO_LEDGER/fill" bs=4k 2>/dev/null; \
      head -c 3000000 /dev/urandom; kill -9 $$' >/dev/null
      echo $?
      rm "$TARO_LEDGER/fill"
      "$TARO" exec --id b true
      "$TARO" show -f json a
      "$TARO" ledger verify >/dev/null && echo verified
      ls "$TARO_LEDGER/spool"
      """
    let result = try taro.shell(script) { $0.wrapper = ["unshare", "-m"] }
    if result.code == 77 || result.code == 1 {
      try Test.cancel("no right to mount a file system here")
    }
    // Beside what the shell says of a command that was killed.
    #expect(result.errorLines.filter { $0.hasPrefix("taro: ") }.count == 1, "\(result)")
    #expect(result.stderr.contains("kept in \(taro.ledger.path)/spool/"), "\(result)")
    let lines = result.text.split(separator: "\n", maxSplits: 1)
    #expect(lines.first == "137")
    let document = try #require(lines.last.map { String($0) })
    #expect(document.hasSuffix("verified\n"), "\(document)")
    let json = try JSON(parsing: String(document.dropLast("verified\n".utf8.count)))
    #expect(json["state"] == "FAILED")
    #expect(json["signal"] == "KILL")
    let output = try #require(json["output"])
    #expect(output["stdout_bytes"] == 3_000_000)
    #expect((output["dropped_bytes"]?.integer ?? 0) > 2_000_000)
  }

  @Test func `a path that is not ASCII has a place beside it, too`() throws {
    let taro = try TaroProgram("jürgen-öl-日本")
    let job = try taro.startJob("a")
    let queue = try taro.holdQueue()
    try job.say("out")
    try expect(job.readLine(.stderr)) { $0.contains("kept in \(taro.ledger.path)/spool/") }
    try job.write("exit 3\n")
    try expect(job.finish().code, is: 3)
    queue.release()
    try taro.run("ps").expect(code: 0, stderr: "")
    try expectWhole(taro)
  }

  @Test func `a ledger is known by whatever path and in whatever session`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0)
    symlink(taro.ledger.path, "\(taro.root)/link")
    chmod(taro.ledger.path, 0o770)
    try expect(
      taro.run("exec", "--ledger", "../link/.", "--id", "a", "sh", "-c", "echo out; exit 3")
        .code, is: 3)
    chmod(taro.ledger.path, 0o700)
    try taro.run("ps").expect(code: 0, stderr: "")
    try expectWhole(taro)
  }

  @Test func `a ledger on a disk that is not mounted yet`() throws {
    let taro = try TaroProgram()
    symlink("\(taro.work)/../link", taro.ledger.path)
    symlink("disk/taro", "\(taro.root)/link")
    let result = try taro.run("exec", "--id", "a", "sh", "-c", "echo out; exit 3")
    #expect(result.code == 3)
    #expect(spooled(taro).count == 1)
    try taro.shell("mkdir -p -m 700 \(taro.root)/disk/taro").expect(code: 0)
    try taro.run("exec", "--id", "b", "true").expect(code: 0, stderr: "")
    try expectWhole(taro)
  }

  @Test func `what is spooled is not read again while the ledger cannot be written`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0)
    let queue = try taro.holdQueue()
    let words = ["exec", "--id", "a", "sh", "-c", "head -c 8000000 /dev/urandom; exit 3"]
    let result = try taro.start(bytes: words.map { Array($0.utf8) }) {
      $0.stdout = .file("/dev/null")
      $0.wrapper = ["strace", "-qq", "-f", "-y", "-o", "trace", "-e", "trace=read,pread64"]
    }.finish()
    #expect(result.code == 3)
    let read = try Files.lines("\(taro.work)/trace").filter { $0.contains("/spool/") }
      .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
    // No more than one turn of the queue takes, of 10.7 MB: each line of it once.
    #expect(read < 4_000_000)
    queue.release()
    try taro.run("ps").expect(code: 0, stderr: "")
    try expect(taro.ending(ofJob: "a")?.ending.output?.stdoutBytes, is: 8_000_000)
    try taro.run("ledger", "verify").expect(code: 0, stderr: "")
    #expect(spooled(taro).isEmpty)
  }

  /// The run's spool, which it could not write into the ledger, with one line that says something else.
  private func spool(
    _ taro: TaroProgram, line: Int, _ change: (String) -> String
  ) throws -> String {
    try taro.run("exec", "true").expect(code: 0)
    chmod(taro.ledger.path, 0o770)
    try expect(taro.run("exec", "--id", "a", "sh", "-c", "echo out; exit 3").code, is: 3)
    chmod(taro.ledger.path, 0o700)
    // Not beside a ledger that others can write.
    let places = "\(taro.runtime)/taro-spool"
    let folder = "\(places)/\(try #require(Files.names(in: places).first))"
    let path = "\(folder)/\(try #require(Files.names(in: folder).first))"
    var lines = try Files.lines(path)
    try #require(lines.indices.contains(line))
    lines[line] = change(lines[line])
    try Files.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: path)
    return path
  }

  @Test func `what of a spool is damaged is named, and the rest is in the ledger`() throws {
    let taro = try TaroProgram()
    // The first says whose it is, the second is `created`.
    let path = try spool(taro, line: 2) { String($0.dropLast(5)) }
    let result = try taro.run("exec", "--id", "b", "true").expect(code: 0)
    #expect(
      result.stderr
        == "taro: \(path).refused keeps what could not be taken into the ledger: "
        + "some of its lines are damaged\n")
    try expect(
      taro.events(ofJob: "a").map(\.kind).filter { $0 != .status },
      is: [
        .state(.created), .output, .state(.triggered), .state(.failed),
      ])
    let info = try taro.run("ledger", "info").expect(code: 0, stderr: "").lines
    #expect(info.contains("refused       \(path).refused"))
    let document = try JSON(parsing: taro.run("ledger", "info", "-f", "json").text)
    #expect(document["refused_spools"] == .strings(["\(path).refused"]))
    let verified = try taro.run("ledger", "verify").expect(code: 0, stderr: "").lines
    #expect(
      verified.contains("refused      1 spool, not wholly in the ledger: see taro ledger info"))
  }

  @Test func `what does not follow is left out and kept`() throws {
    let taro = try TaroProgram()
    // As 0.1.0 wrote it: without a check.
    let path = try spool(taro, line: 3) { line in
      line.replacing("\"kind\":\"output\"", with: "\"kind\":\"waiting\"")
        .replacing(/,"check":"[0-9a-f]{8}"}$/, with: "}")
    }
    let result = try taro.run("exec", "--id", "b", "true").expect(code: 0)
    #expect(
      result.stderr
        == "taro: \(path).refused keeps what could not be taken into the ledger: "
        + "some of its events cannot follow those that are there\n")
    try expect(
      taro.events(ofJob: "a").map(\.kind).filter { $0 != .status },
      is: [
        .state(.created), .state(.running), .state(.failed),
      ])
    try taro.run("ledger", "verify").expect(code: 0, stderr: "")
  }
}
