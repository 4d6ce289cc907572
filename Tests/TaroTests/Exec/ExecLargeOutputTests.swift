internal import Events
import TestSupport
import Testing

/// Sizes at which a copy too many, or a line that is looked for too early, would show.
@Suite(.temporaryDirectory, .serialized) struct ExecLargeOutputTests {
  @Test(arguments: [
    ("a line of 100 MB", "head -c 100000000 /dev/zero | tr '\\0' x", 1),
    ("ten million lines", "yes | head -n 10000000", 10_000_000),
    ("numbers", "seq 2000000", 2_000_000),
  ])
  func `large output is passed on and recorded whole`(
    name: String, command: String, lines: Int64
  ) throws {
    let taro = try TaroProgram()
    let script = """
      "$TARO" exec --id large sh -c "$COMMAND" >out || exit
      sh -c "$COMMAND" | cmp - out || exit
      "$TARO" output large | cmp - out
      """
    try taro.shell(script) { $0.environment["COMMAND"] = command }
      .expect(code: 0, stdout: "", stderr: "")
    let totals = try #require(try taro.ending(ofJob: "large")?.ending.output)
    #expect(totals.bytes == Int64(Files.size("\(taro.work)/out")))
    #expect(totals.lines == lines)
    #expect(totals.droppedBytes == 0)
  }

  @Test func `two large streams at once are told apart`() throws {
    let taro = try TaroProgram()
    let script = """
      "$TARO" exec --id large sh -c 'seq 700000 & seq 700000 >&2; wait' >out 2>err || exit
      seq 700000 >wanted
      cmp wanted out && cmp wanted err || exit
      "$TARO" output large --stdout | cmp - out && "$TARO" output large --stderr | cmp - out
      """
    try taro.shell(script).expect(code: 0, stdout: "", stderr: "")
  }
}
