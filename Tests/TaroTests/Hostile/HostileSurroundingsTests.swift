import Glibc
internal import Ledger
import Linux
import TestSupport
import Testing

/// Whatever taro lacks, the job runs with its bytes and its exit code.
@Suite("Hostile surroundings", .temporaryDirectory)
struct HostileSurroundingsTests {
  private let taro: TaroProgram

  init() throws {
    taro = try TaroProgram()
    try taro.run("exec", "--id", "first", "true").expect(code: 0, stderr: "")
  }

  private func next() throws {
    try taro.run("exec", "--id", "next", "true").expect(code: 0, stderr: "")
  }

  /// Less than five, and not even the shared libraries of the job can be opened.
  @Test(arguments: FaultSweep.isFull ? Array(5...24) : [5, 6, 7, 9, 10, 11, 12, 14, 16, 20])
  func `few open files`(limit: Int) throws {
    let result = try taro.run("exec", "--id", "a", "sh", "-c", "echo out; exit 3") {
      $0.wrapper = ["prlimit", "--nofile=\(limit)", "--"]
    }.expect(code: 3, stdout: "out\n")
    // One line is about the record, one about the output.
    let said = result.errorLines
    #expect(said.count <= 2, "\(result)")
    #expect(said.allSatisfy { $0.hasPrefix("taro: ") }, "\(result)")
    try next()
    if said.isEmpty { try taro.expectRecorded("a") }
  }

  @Test(arguments: ["--nofile=3", "--fsize=4096"])
  func `a limit that is lowered in the middle`(limit: String) throws {
    let result = try taro.run(
      "exec", "--id", "a", "sh", "-c", "prlimit \(limit) --pid $PPID; echo out; exit 3",
      change: { $0.hasPrivateMachine = true }
    ).expect(code: 3, stdout: "out\n")
    #expect(result.errorLines.count <= 1, "\(result)")
    try next()
    try taro.expectRecorded("a", stdout: nil)
  }

  @Test(arguments: [4096, 20_000, 40_000, 80_000])
  func `a limit on the size of files`(bytes: Int) throws {
    try taro.run("exec", "--id", "a", "sh", "-c", "echo out; exit 3") {
      $0.wrapper = ["prlimit", "--fsize=\(bytes)", "--"]
      $0.hasPrivateMachine = true
    }.expect(code: 3, stdout: "out\n")
    try next()
    try taro.expectRecorded("a")
  }

  @Test func `no home`() throws {
    try taro.run("exec", "--id", "a", "sh", "-c", "echo out; exit 3") {
      $0.wrapper = ["env", "-u", "HOME", "-u", "XDG_RUNTIME_DIR"]
    }.expect(code: 3, stdout: "out\n", stderr: "")
    try taro.run("exec", "--id", "b", "sh", "-c", "echo out; exit 3") {
      $0.environment["HOME"] = "/proc/none"
    }.expect(code: 3, stdout: "out\n", stderr: "")
    try taro.expectRecorded("b")
  }

  @Test(arguments: ["/proc", "/dev", "/etc", "/sys"])
  func `nothing is mounted there`(directory: String) throws {
    let result = try HostileHost.script(
      taro,
      """
      mount -t tmpfs none \(directory)
      "$TARO" exec --id a sh -c 'echo out; echo err >&2; exit 3'
      """)
    result.expect(code: 3, stdout: "out\n", stderr: "err\n")
    try next()
    try taro.expectRecorded("a")
  }

  /// Everything of the test is in /tmp as well, and is looked at elsewhere.
  @Test(arguments: ["", "--quiet-on-success", "--pty"])
  func `no directory for temporary files`(option: String) throws {
    let result = try HostileHost.script(
      taro,
      """
      cp "$TARO" \(taro.root)/taro && mount --bind \(taro.root) /mnt && cd / &&
      export TARO_LEDGER=/mnt/ledger && mount -t tmpfs -o ro none /tmp &&
      /mnt/taro exec --id a \(option) sh -c 'echo out; exit 3'
      """)
    #expect(result.code == 3 && result.lines == ["out"] || option == "--pty", "\(result)")
    result.expect(code: 3, stderr: "")
    try next()
    try taro.expectRecorded("a", stdout: option == "--pty" ? nil : "out\n")
  }

  @Test(arguments: 0..<8) func `closed standard streams`(streams: Int) throws {
    let result = try taro.run("exec", "--id", "a", "sh", "-c", "echo out; echo err >&2; exit 3") {
      if streams & 1 != 0 { $0.stdin = .closed }
      if streams & 2 != 0 { $0.stdout = .closed }
      if streams & 4 != 0 { $0.stderr = .closed }
    }.expect(code: 3)
    #expect(result.text == (streams & 2 == 0 ? "out\n" : ""), "\(result)")
    // A shell complains of a closed stdout.
    #expect(result.stderr.hasSuffix(streams & 4 == 0 ? "err\n" : ""), "\(result)")
    try taro.expectRecorded("a", stdout: streams & 2 == 0 ? "out\n" : "")
  }

  @Test(arguments: [TaroProcess.Stream.stdout, .stderr])
  func `a reader that goes away`(stream: TaroProcess.Stream) throws {
    let script =
      "echo begun\(stream == .stderr ? " >&2" : ""); read -r line; "
      + "trap '' PIPE; echo out; echo err >&2; exit 3"
    let process = try taro.start("exec", "--id", "a", "sh", "-c", script) { $0.stdin = .pipe }
    try expect(process.readLine(stream), is: "begun")
    process.closeReader(stream)
    try process.write("go\n")
    try process.finish().expect(code: 3)
    try next()
    try taro.expectRecorded("a", stdout: nil)
  }

  @Test(arguments: [true, false]) func `a umask that takes everything`(isNew: Bool) throws {
    let ledger = isNew ? "\(taro.root)/deep/in/new" : taro.ledger.path
    for job in ["a", "b"] {
      try taro.run("exec", "--id", job, "sh", "-c", "umask; exit 3") {
        $0.preparation = "umask 777"
        $0.environment["TARO_LEDGER"] = ledger
      }.expect(code: 3, stdout: "0777\n", stderr: "")
    }
    try taro.run("ledger", "verify") { $0.environment["TARO_LEDGER"] = ledger }.expect(code: 0)
  }

  @Test func `a job that closes its streams and goes on`() throws {
    let script = "echo out; exec >&- 2>&-; read -r line; exit 3"
    let process = try taro.start("exec", "--id", "a", "sh", "-c", script) { $0.stdin = .pipe }
    try expect(process.readLine(), is: "out")
    // Both of its pipes have ended, and nothing is left to read.
    try eventually("the job has closed its streams") {
      let fds = process.children.flatMap { Files.names(in: "/proc/\($0)/fd") }
      return !fds.isEmpty && !fds.contains("1") && !fds.contains("2")
    }
    process.closeInput()
    try process.finish().expect(code: 3, stdout: "", stderr: "")
    try taro.expectRecorded("a")
  }

  /// They end when the test lets them, after taro.
  @Test(arguments: [true, false])
  func `a job that forks a thousand children and leaves`(keepOutput: Bool) throws {
    let count = FaultSweep.isFull ? 1000 : 200
    let gate = "\(taro.work)/gate"
    mkfifo(gate, 0o600)
    // Open for both: waits for nobody, and nobody who reads sees an end before it is closed. The job has it open before
    // its children are there: who is late to open it would wait for ever.
    let held = try Descriptor.open(gate, O_RDWR)
    defer { _ = held.fd }
    let script = """
      exec 3<\(gate); i=0; while [ $i -lt \(count) ]; do
      (read -r line <&3) \(keepOutput ? "" : ">&- 2>&-") & i=$((i+1)); done; echo out; exit 3
      """
    let process = try taro.start(
      "exec", "--id", "a", "--set", "output.drain=200ms", "sh", "-c", script)
    let result = try process.finish().expect(code: 3, stdout: "out\n")
    if keepOutput {
      result.expectOneLine(about: "left behind")
    } else {
      #expect(result.stderr == "", "\(result)")
    }
    try taro.expectRecorded("a")
  }

  /// A word may have 128 KiB, all of them and the environment a quarter of the stack's limit (execve(2)).
  @Test func `arguments and an environment as large as they can be`() throws {
    let word = String(repeating: "x", count: 120_000)
    let words = Array(repeating: word, count: 8)
    let script = "echo $# ${#8} ${#LARGE}; exit 3"
    let arguments = ["exec", "--id", "a", "sh", "-c", script, "sh"] + words
    try taro.start(bytes: arguments.map { Array($0.utf8) }) {
      for number in 0..<6 { $0.environment["V\(number)"] = word }
      $0.environment["LARGE"] = word
    }.finish().expect(code: 3, stdout: "8 120000 120000\n", stderr: "")
    try taro.run("show", "a").expect(code: 0, stderr: "")
    try taro.expectRecorded("a", stdout: nil)
    try taro.run("hist").expect(code: 0, stderr: "")
  }
}
