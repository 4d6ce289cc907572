internal import Events
import Glibc
import Linux
import TestSupport
import Testing

/// The place that the job's output goes to takes no more: what looks whole afterwards has to be whole.
@Suite(.temporaryDirectory) struct ExecRefusedOutputTests {
  /// A job that does not look at what its writes say, as with a pipe behind it none would.
  private static let careless = ["sh", "-c", "trap '' PIPE; seq 20000 2>/dev/null; exit 0"]

  private func run(
    _ taro: TaroProgram, _ options: String..., change: (inout TaroProgram.Setup) -> Void
  ) throws -> TaroResult {
    let words = ["exec", "--id", "a"] + options + Self.careless
    return try taro.start(bytes: words.map { Array($0.utf8) }, change: change).finish()
  }

  private func expectRefused(_ taro: TaroProgram, _ stream: String = "stdout") throws {
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .failed)
    #expect(ending.exitCode == 0)
    let reason = try #require(ending.reason)
    #expect(reason.hasPrefix("cannot write to \(stream): "), "\(reason)")
    #expect(reason.hasSuffix(" bytes may be missing there"), "\(reason)")
    let gap = try #require(try taro.events(ofJob: "a").first { $0.kind == .outputGap })
    expect(gap.json["reason"]?.string ?? "") { $0.hasPrefix("cannot write to \(stream): ") }
  }

  @Test func `a job that ends with 0 on a full disk has failed`() throws {
    let taro = try TaroProgram()
    try run(taro) { $0.stdout = .file("/dev/full") }
      .expect(code: 74, stdout: "")
      .expectOneLine(about: "cannot write to stdout", "No space left on device")
    try expectRefused(taro)
    expect(try taro.run("hist", "-f", "jsonl").text) { $0.contains("No space left on device") }
  }

  /// A job that looks, and one that need not: a full disk stands in its reason, whatever it makes of it.
  /// It writes more than pipe and buffers hold, so that it meets the end of its reader.
  @Test(arguments: [
    ("exec seq 2000000", nil), ("trap '' PIPE; seq 2000000 2>/dev/null || exit 3", 3),
  ])
  func `a job that fails of it says of what`(script: String, code: Int32?) throws {
    let taro = try TaroProgram()
    let words = ["exec", "--id", "a", "sh", "-c", script]
    let result = try taro.start(bytes: words.map { Array($0.utf8) }) {
      $0.stdout = .file("/dev/full")
    }
    .finish()
    #expect(result.code == code)
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    #expect(state == .failed)
    let beginning = code == nil ? "signal PIPE, cannot" : "cannot"
    expect(ending.reason ?? "") {
      $0.hasPrefix("\(beginning) write to stdout: No space left on device; ")
    }
  }

  @Test func `a limit on the size of files is said and fails the run`() throws {
    let taro = try TaroProgram()
    // What the ledger is told of it is smaller: it is compressed.
    let script = "ulimit -f 1024; \"$TARO\" exec --id a sh -c 'trap \"\" PIPE; "
    try taro.shell(script + "yes 2>/dev/null | head -c 2000000 2>/dev/null; exit 0' >out")
      .expect(code: 74).expectOneLine(about: "stdout", "File too large")
    #expect(Files.size("\(taro.work)/out") == 512 << 10)
    let reason = try #require(try taro.ending(ofJob: "a")?.ending.reason)
    #expect(reason.contains("File too large"), "\(reason)")
  }

  @Test(.enabled(if: TestHost.canMount, "needs the right to mount"))
  func `a file system that fills up has all that went there, and the run has failed`() throws {
    let taro = try TaroProgram()
    try taro.shell(
      """
      mkdir full && exec unshare -m sh -c '
      mount -t tmpfs -o size=64k none full && "$TARO" exec --id a "$@" >full/out
      code=$?; cp full/out out; exit $code' sh \(Self.careless.map { "'\($0.replacing("'", with: "'\\''"))'" }.joined(separator: " "))
      """
    ).expect(code: 74).expectOneLine(about: "stdout", "No space left on device")
    try expectRefused(taro)
    let wanted = (1...20000).map { "\($0)\n" }.joined()
    let written = try Files.text("\(taro.work)/out")
    #expect(written.utf8.count == 64 << 10)
    #expect(wanted.hasPrefix(written))
  }

  @Test func `the job's own code stays when it is not 0`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "sh", "-c", "seq 1000; exit 3") {
      $0.stdout = .file("/dev/full")
    }
    .expect(code: 3).expectOneLine(about: "stdout", "No space left on device")
    // What was read is recorded, whether it could be written or not.
    let wanted = (1...1000).map { "\($0)\n" }.joined()
    try taro.run("output", "a").expect(code: 0, stdout: wanted, stderr: "")
    try expect(taro.ending(ofJob: "a")?.ending.output?.droppedBytes, is: 0)
  }

  @Test func `the job feels it at its next write, and the other stream goes on`() throws {
    let taro = try TaroProgram()
    let script = """
      trap '' PIPE; i=0; until ! echo out; do i=$((i+1)); [ $i -lt 1000000 ] || exit 1; done 2>/dev/null
      echo still >&2; exit 6
      """
    try taro.run("exec", "--id", "a", "sh", "-c", script) { $0.stdout = .file("/dev/full") }
      .expect(code: 6)
    try taro.run("output", "a", "--stderr").expect(code: 0, stdout: "still\n")
  }

  @Test func `stderr counts as stdout does`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "sh", "-c", "echo out; echo err >&2; exit 0") {
      $0.stderr = .file("/dev/full")
    }.expect(code: 74, stdout: "out\n")
    try expectRefused(taro, "stderr")
  }

  @Test func `a terminal of its own is refused nothing else`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "--pty", "sh", "-c", "trap '' HUP; echo x; exit 0") {
      $0.stdout = .file("/dev/full")
    }.expect(code: 74).expectOneLine(about: "stdout")
    try expectRefused(taro)
  }

  @Test func `output that is kept back can be refused when it comes out`() throws {
    let taro = try TaroProgram()
    try run(taro, "--quiet-on-success") { $0.stdout = .file("/dev/full") }
      .expect(code: 0, stderr: "")
    let code = try taro.run("exec", "--quiet-on-success", "sh", "-c", "echo x; exit 3") {
      $0.stdout = .file("/dev/full")
    }
    code.expect(code: 3).expectOneLine(about: "stdout")
    // Nothing could be kept back, and so it was passed on.
    try run(taro, "--quiet-on-success") {
      $0.stdout = .file("/dev/full")
      $0.environment["TMPDIR"] = "/no/such/directory"
    }.expect(code: 74)
    try expectRefused(taro)
  }

  @Test func `a reader that goes away is no refusal`() throws {
    let taro = try TaroProgram()
    let script = "{ \"$TARO\" exec --id a sh -c 'trap \"\" PIPE; seq 200000 2>/dev/null; exit 0'; "
    try taro.shell(script + "echo $? >code; } | head -n 1").expect(code: 0, stdout: "1\n")
    try expect(Files.text("\(taro.work)/code"), is: "0\n")
    try expect(taro.ending(ofJob: "a")?.state, is: .completed)
  }

  @Test func `a terminal that is gone refuses nothing`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "true").expect(code: 0)
    let terminal = try PseudoTerminal()
    let slave = try Descriptor.open(terminal.path, O_RDWR | O_NOCTTY)
    let fd = slave.fd
    let process = try taro.start("exec", "--id", "a", "sh", "-c", "read x; seq 3; exit 0") {
      $0.stdin = .pipe
      $0.stdout = .descriptor(fd)
    }
    _ = try taro.waitForEvent("running") { $0.job == "a" && $0.kind == .state(.running) }
    hangUp(terminal)
    // A process that another test is just starting may have the other end until it has executed its program.
    try eventually("the terminal is gone") {
      var slave = pollfd(fd: fd, events: 0, revents: 0)
      return poll(&slave, 1, 0) == 1 && Int32(slave.revents) & POLLHUP != 0
    }
    try process.write("go\n")
    try process.finish().expect(code: 0).expectOneLine(about: "terminal is gone")
    try taro.run("output", "a").expect(code: 0, stdout: "1\n2\n3\n")
  }

  private func hangUp(_ terminal: consuming PseudoTerminal) {}
}
