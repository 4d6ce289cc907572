internal import Events
import Linux
import TestSupport
import Testing

/// stdout and stderr that go to one place are one stream, in the order in which the job wrote.
@Suite(.temporaryDirectory) struct ExecOneStreamTests {
  private static let mixed = ["sh", "-c", "echo a; echo b >&2; echo c; echo d >&2"]

  private func run(
    _ taro: TaroProgram, _ options: String..., change: (inout TaroProgram.Setup) -> Void = { _ in }
  ) throws -> TaroResult {
    let words = ["exec", "--id", "a"] + options + Self.mixed
    return try taro.start(bytes: words.map { Array($0.utf8) }, change: change).finish()
  }

  private func outputDocument(_ taro: TaroProgram) throws -> JSON {
    try #require(try taro.document("a")["output"])
  }

  @Test(arguments: [">f 2>&1", ">>f 2>&1", ">>f 2>>f", "2>&1 | cat >f", ">p 2>p"])
  func `their order is exact`(redirection: String) throws {
    let taro = try TaroProgram()
    // Without waiting for anything in between: as fast as a shell is.
    try taro.shell(
      """
      mkfifo p; cat p >f & exec 9>p
      for i in 1 2 3 4 5 6 7 8 9 10; do
        "$TARO" exec --id a sh -c 'echo a; echo b >&2; echo c; echo d >&2' \(redirection) || exit
      done
      exec 9>&-; wait
      """
    ).expect(code: 0, stdout: "", stderr: "")
    expect(try Files.text("\(taro.work)/f")) { text in
      let once = "a\nb\nc\nd\n"
      return text == once || text == String(repeating: once, count: 10)
    }
    try expect(taro.created(ofJob: "a")?.hasOneStream, is: true)
    try taro.run("output", "a", "--stdout").expect(stdout: "a\nb\nc\nd\n")
    try taro.run("output", "a", "--stderr").expect(stdout: "")
    let output = try outputDocument(taro)
    #expect(output["one_stream"] == true)
    #expect(output["stdout_bytes"] == 8)
    expect(try taro.run("show", "a").text) {
      $0.contains("8 B on stdout and stderr, which were one")
    }
  }

  @Test(arguments: [">f 2>g", ">f 2>f", ">/dev/null 2>/dev/null"])
  func `two places are two streams`(redirection: String) throws {
    let taro = try TaroProgram()
    try taro.shell(
      "\"$TARO\" exec --id a sh -c 'echo out; echo e >&2' \(redirection)"
    ).expect(code: 0, stdout: "", stderr: "")
    try taro.run("output", "a", "--stdout").expect(stdout: "out\n")
    try taro.run("output", "a", "--stderr").expect(stdout: "e\n")
    try expect(taro.created(ofJob: "a")?.hasOneStream, is: false)
    try expect(outputDocument(taro)["one_stream"], is: false)
    guard redirection == ">f 2>f" else { return }
    // Each overwrites what the other has written, as without taro.
    expect(try Files.text("\(taro.work)/f").utf8.count, is: 4)
  }

  @Test func `--split keeps them apart, also when the run is repeated`() throws {
    let taro = try TaroProgram()
    try run(taro, "--split") { $0.stderr = .sameAsStdout }.expect(code: 0)
    for _ in 1...2 {
      try taro.run("output", "a", "--stdout").expect(stdout: "a\nc\n")
      try taro.run("output", "a", "--stderr").expect(stdout: "b\nd\n")
      try expect(taro.created(ofJob: "a")?.hasOneStream, is: false)
      try taro.run("rerun", "a") { $0.stderr = .sameAsStdout }.expect(code: 0)
    }
  }

  @Test(arguments: [("auto", true), ("always", false), ("never", true)])
  func `the configuration says it for all jobs`(split: String, isOne: Bool) throws {
    let taro = try TaroProgram()
    try run(taro, "--set", "output.split=\(split)") { $0.stderr = .sameAsStdout }.expect(code: 0)
    try expect(taro.created(ofJob: "a")?.hasOneStream, is: isOne)
  }

  @Test func `never makes one stream of two places, as 2>&1 does`() throws {
    let taro = try TaroProgram()
    try run(taro, "--set", "output.split=never").expect(code: 0, stdout: "a\nb\nc\nd\n", stderr: "")
  }

  @Test func `a terminal of its own is one stream`() throws {
    let taro = try TaroProgram()
    try run(taro, "--pty").expect(code: 0)
    try expect(outputDocument(taro)["one_stream"], is: true)
    expect(try taro.run("exec", "--pty", "--split", "true").code, is: 64)
  }

  @Test func `a reader that goes away ends both`() throws {
    let taro = try TaroProgram()
    let script = "{ \"$TARO\" exec --id a sh -c 'yes >&2' 2>&1; echo $? >code; } | head -n 1"
    try taro.shell(script).expect(code: 0, stdout: "y\n", stderr: "")
    try expect(Files.text("\(taro.work)/code"), is: "141\n")
  }
}
