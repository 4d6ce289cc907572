internal import Events
import Glibc
internal import Ledger
import Linux
import TestSupport
import Testing

/// What the caller allows (setrlimit(2)) is for the job: taro's own files are not held to it, and the job is.
@Suite(.temporaryDirectory) struct ExecLimitsTests {
  /// - Parameter limit: of bash's `ulimit`, whose unit for files is 1,024 bytes.
  private static func limited(_ limit: String) -> [String] {
    ["bash", "-c", "ulimit -c 0; ulimit \(limit); exec \"$@\"", "bash"]
  }

  /// Without the right to go above a hard limit (CAP_SYS_RESOURCE), which few have.
  private static let unprivileged =
    TestHost.isRoot ? ["setpriv", "--bounding-set=-sys_resource", "--inh-caps=-sys_resource"] : []

  private func expectRecorded(_ taro: TaroProgram, _ output: String) throws {
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    expect(state, is: .failed)
    expect(ending.exitCode, is: 3)
    try taro.run("output", "a").expect(code: 0, stdout: output, stderr: "")
    expect(Files.names(in: "\(taro.ledger.path)/spool"), is: [])
    expect(try taro.firstBrokenLink(), is: nil)
  }

  @Test(arguments: ["-f 0", "-f 1", "-f 8", "-n 10", "-v 400000", "-d 100000", "-s 128", "-t 7"])
  func `the job has a soft limit of its caller's, and the record is whole`(limit: String) throws {
    let taro = try TaroProgram()
    let words = limit.split(separator: " ")
    let (option, value) = (try words.at(0), try words.at(1))
    try taro.run("exec", "--id", "a", "bash", "-c", "ulimit -S \(option); exit 3") {
      $0.wrapper = Self.limited("-S \(limit)")
    }.expect(code: 3, stdout: "\(value)\n", stderr: "")
    try expectRecorded(taro, "\(value)\n")
  }

  @Test func `a hard limit is the job's, and with the right to raise it the record is whole`()
    throws
  {
    let taro = try TaroProgram()
    let result = try taro.run("exec", "--id", "a", "bash", "-c", "ulimit -H -f; exit 3") {
      $0.wrapper = Self.limited("-f 1")
      $0.hasPrivateMachine = true
    }.expect(code: 3, stdout: "1\n")
    // It is not had in most containers.
    if result.stderr.isEmpty { try expectRecorded(taro, "1\n") }
  }

  @Test func `under a hard limit the run is kept in its spool, and a line says why`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "first", "true").expect(code: 0)
    try taro.run("exec", "--id", "a", "bash", "-c", "echo out; exit 3") {
      $0.wrapper = Self.unprivileged + Self.limited("-f 4")
      $0.hasPrivateMachine = true
    }.expect(code: 3, stdout: "out\n").expectOneLine(about: "kept in", "ulimit -f", "4096 bytes")
    try taro.run("exec", "--id", "next", "true").expect(code: 0, stderr: "")
    try expectRecorded(taro, "out\n")
  }

  @Test func `where a hard limit leaves no room at all nothing is said to be kept`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "first", "true").expect(code: 0)
    let result = try taro.run("exec", "--id", "a", "bash", "-c", "echo out; exit 3") {
      $0.wrapper = Self.unprivileged + Self.limited("-f 0")
      $0.hasPrivateMachine = true
    }.expect(code: 3, stdout: "out\n").expectOneLine(about: "not recorded", "ulimit -f", "0 bytes")
    expect(result.stderr) { !$0.contains("kept in") }
    try taro.run("exec", "--id", "next", "true").expect(code: 0, stderr: "")
    expect(try taro.events(ofJob: "a").count, is: 0)
  }

  @Test(arguments: [">", ">>"])
  func `what goes into a file of the caller's meets the limit`(redirection: String) throws {
    let taro = try TaroProgram()
    let script = """
      printf 'before\\n' >out; ulimit -S -f 1
      exec "$TARO" exec --id a sh -c 'trap "" PIPE; seq 2000 2>/dev/null; exit 0' \(redirection)out
      """
    try taro.shell("exec bash -c \"$SCRIPT\"") { $0.environment["SCRIPT"] = script }
      .expect(code: 74).expectOneLine(about: "cannot write to stdout: File too large")
    let all = (redirection == ">>" ? "before\n" : "") + (1...2000).map { "\($0)\n" }.joined()
    expect(try Files.text("\(taro.work)/out"), is: String(all.prefix(1024)))
    let (state, ending) = try #require(try taro.ending(ofJob: "a"))
    expect(state, is: .failed)
    expect(ending.reason ?? "") { $0.hasPrefix("cannot write to stdout: File too large; ") }
  }

  @Test func `the job that exceeds it dies of it`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "sh", "-c", "exec head -c 5000 /dev/zero >big") {
      $0.wrapper = Self.limited("-S -f 1")
    }.expect(code: 128 + SIGXFSZ, stderr: "")
    expect(try taro.ending(ofJob: "a")?.ending.signal, is: "XFSZ")
    expect(Files.size("\(taro.work)/big"), is: 1024)
  }

  @Test func `who is left behind meets it, too`() throws {
    let taro = try TaroProgram()
    expect(mkfifo("\(taro.work)/gate", 0o600), is: 0)
    let script = """
      ulimit -S -f 1
      "$TARO" exec --set output.drain=50ms sh -c '(read x <gate; trap "" PIPE
        seq 2000 2>/dev/null; until ! echo more 2>/dev/null; do :; done; echo told >ended) & echo started' >out
      """
    try taro.shell("exec bash -c \"$SCRIPT\"") { $0.environment["SCRIPT"] = script }
      .expect(code: 0)
    try Files.write(Array("go\n".utf8), to: "\(taro.work)/gate")
    try eventually("it has felt that the file is full") { Files.exists("\(taro.work)/ended") }
    expect(Files.size("\(taro.work)/out"), is: 1024)
  }

  @Test func `other commands write the ledger, and meet the limit in what they print`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "seq", "2000").expect(code: 0)
    let limit = Self.limited("-S -f 1")
    try taro.run("disable", "x") { $0.wrapper = limit }.expect(code: 0)
    try taro.run("exec", "--id", "x", "true").expect(code: 0, stdout: "")
    expect(try taro.ending(ofJob: "x")?.state, is: .disabled)
    try taro.run("hist") { $0.wrapper = limit }.expect(code: 0, stderr: "")
    try taro.run("output", "a") {
      $0.wrapper = limit
      $0.stdout = .file("\(taro.work)/printed")
    }.expect(code: 74).expectOneLine(about: "cannot write to stdout: File too large")
    expect(Files.size("\(taro.work)/printed"), is: 1024)
  }

  @Test(arguments: ["-i 0", "-l 0", "-q 0", "-x 0", "-c 0"])
  func `limits that taro does not need change nothing`(limit: String) throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "sh", "-c", "echo out; exit 3") {
      $0.wrapper = Self.limited(limit)
    }.expect(code: 3, stdout: "out\n", stderr: "")
    try expectRecorded(taro, "out\n")
  }
}
