internal import Events
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct ExecOutputTests {
  @Test func `both streams pass byte for byte and are recorded so`() throws {
    let taro = try TaroProgram()
    // Every byte, NUL and invalid UTF-8 among them, and no line feed at the end.
    let out = Array(0...255 as ClosedRange<UInt8>) + (try Files.randomBytes(700_000)) + [0x78]
    let err = try Files.randomBytes(300_000) + [0]
    try Files.write(out, to: "\(taro.work)/a")
    try Files.write(err, to: "\(taro.work)/b")
    try taro.run("exec", "--id", "bytes", "sh", "-c", "cat a; cat b >&2") {
      $0.stdout = .file("\(taro.work)/out")
      $0.stderr = .file("\(taro.work)/err")
    }.expect(code: 0)
    try taro.shell("cmp a out && cmp b err").expect(code: 0, stdout: "", stderr: "")
    try taro.run("output", "bytes", "--stdout").expectStdout(out)
    try taro.run("output", "bytes", "--stderr").expectStdout(err)
    try expect(taro.run("output", "bytes").stdout.count, is: out.count + err.count)
    let totals = try #require(try taro.ending(ofJob: "bytes")?.ending.output)
    #expect(totals.stdoutBytes == Int64(out.count))
    #expect(totals.stderrBytes == Int64(err.count))
    #expect(totals.droppedBytes == 0)
  }

  @Test(arguments: [
    ("", 0), ("\\n", 1), ("a", 1), ("a\\nb", 2), ("a\\nb\\n", 2), ("\\n\\n\\n", 3), ("\\000", 1),
  ])
  func `lines count, a last one without its end too`(format: String, lines: Int64) throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "printf", format).expect(code: 0)
    try expect(taro.ending(ofJob: "a")?.ending.output?.lines, is: lines)
  }

  @Test func `a job that prints nothing leaves no output event`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "true").expect(code: 0, stdout: "", stderr: "")
    try expect(
      taro.events().map(\.kind),
      is: [
        .state(.created), .state(.running), .state(.completed),
      ])
  }

  /// The job waits until each line has come out of taro, so there is one order.
  @Test func `streams that go the same way keep their order`() throws {
    let taro = try TaroProgram()
    let script = "echo 1; read x; echo 2 >&2; read x; echo 3; read x; echo 4 >&2"
    let process = try taro.start("exec", "--id", "a", "sh", "-c", script) {
      $0.stdin = .pipe
      $0.stderr = .sameAsStdout
    }
    for number in 1...4 {
      try expect(process.readLine(), is: "\(number)")
      try process.write("\n")
    }
    try process.finish().expect(code: 0, stdout: "")
    try taro.run("output", "a").expect(code: 0, stdout: "1\n2\n3\n4\n", stderr: "")
  }

  @Test func `streams that go into the same file keep their order`() throws {
    let taro = try TaroProgram()
    let script = """
      seen() { until [ "$(tail -n 1 out)" = $1 ]; do :; done; }
      echo 1; seen 1; echo 2 >&2; seen 2; echo 3; seen 3; echo 4 >&2
      """
    try taro.run("exec", "sh", "-c", script) {
      $0.stdout = .file("\(taro.work)/out")
      $0.stderr = .sameAsStdout
    }.expect(code: 0)
    try expect(Files.text("\(taro.work)/out"), is: "1\n2\n3\n4\n")
  }

  @Test func `a file that others append to is appended to`() throws {
    let taro = try TaroProgram()
    try taro.shell("echo 0 >out; \"$TARO\" exec sh -c 'echo 2' >>out; echo 3 >>out; cat out")
      .expect(code: 0, stdout: "0\n2\n3\n", stderr: "")
  }

  @Test func `output comes out while the job runs`() throws {
    let taro = try TaroProgram()
    let process = try taro.start("exec", "sh", "-c", "printf 'a prompt:'; echo; read x") {
      $0.stdin = .pipe
    }
    try expect(process.readLine(), is: "a prompt:")
    try process.write("\n")
    try process.finish().expect(code: 0)
  }

  @Test func `the terminal event comes after the last output`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "sh", "-c", "echo a; echo b >&2").expect(code: 0)
    let kinds = try taro.events(ofJob: "a").map(\.kind)
    #expect(kinds.first == .state(.created))
    #expect(kinds.last == .state(.completed))
    #expect(kinds.contains(.output))
  }
}
