internal import Events
import TestSupport
import Testing

/// More output than fits between the job and a ledger that cannot be written just now.
@Suite(.temporaryDirectory) struct ExecOverflowTests {
  private static let bytes = 20_000_000

  /// Starts a job that, once the queue is held, prints more than the 8 MiB that taro keeps.
  private func start(_ taro: TaroProgram, _ overflow: String) throws -> (TaroProcess, HeldQueue) {
    let script =
      "echo ready >&2; read x; head -c \(Self.bytes) /dev/zero; echo done >&2; read x; exit 3"
    let process = try taro.start(
      "exec", "--id", "a", "--output-overflow", overflow, "sh", "-c", script
    ) {
      $0.stdin = .pipe
      $0.stdout = .file("\(taro.work)/out")
    }
    try expect(process.readLine(.stderr), is: "ready")
    let queue = try taro.holdQueue()
    try process.write("\n")
    return (process, queue)
  }

  @Test func `dropping leaves a gap in the record, and nothing is lost on stdout`() throws {
    let taro = try TaroProgram()
    let (process, queue) = try start(taro, "drop")
    try expect(process.readLine(.stderr), is: "done")
    #expect(Files.size("\(taro.work)/out") == Self.bytes)
    queue.release()
    try process.write("\n")
    try process.finish().expect(code: 3, stderr: "")
    let output = try #require(try taro.ending(ofJob: "a")?.ending.output)
    #expect(output.stdoutBytes == Int64(Self.bytes))
    #expect(output.droppedBytes > 0)
    let gaps = try taro.events().filter { $0.kind == .outputGap }
    #expect(gaps.compactMap { $0.json["bytes"]?.integer }.reduce(0, +) == output.droppedBytes)
    let recorded = try taro.run("output", "a").expect(code: 0).stdout.count
    #expect(Int64(recorded) == output.bytes - output.droppedBytes)
    #expect(recorded >= 7 << 20)
  }

  @Test func `waiting makes the job wait, and nothing is lost at all`() throws {
    let taro = try TaroProgram()
    let (process, queue) = try start(taro, "wait")
    try eventually("all that taro keeps is full") {
      Files.size("\(taro.work)/out") >= 7 << 20
    }
    queue.release()
    try expect(process.readLine(.stderr), is: "done")
    try process.write("\n")
    try process.finish().expect(code: 3, stderr: "")
    let output = try #require(try taro.ending(ofJob: "a")?.ending.output)
    #expect(output.stdoutBytes == Int64(Self.bytes))
    #expect(output.droppedBytes == 0)
    try expect(taro.events().contains { $0.kind == .outputGap }, is: false)
    try expect(taro.run("output", "a", "--stdout").stdout.count, is: Self.bytes)
  }

  /// The pipe of a job that has ended is emptied however long the ledger takes; what a job leaves behind has 5 s.
  @Test func `a ledger that is slow at the end of a job costs none of its bytes`() throws {
    let taro = try TaroProgram()
    let process = try taro.start(
      "exec", "--id", "a", "sh", "-c", "echo ready >&2; read x; head -c 9000000 /dev/zero"
    ) {
      $0.stdin = .pipe
      $0.stdout = .file("\(taro.work)/out")
    }
    try expect(process.readLine(.stderr), is: "ready")
    let queue = try taro.holdQueue()
    try process.write("\n")
    try eventually("all that taro keeps is full") {
      Files.size("\(taro.work)/out") >= 7 << 20
    }
    // Longer than that time: it is what the test is about.
    try expect(ChildProcess("/bin/sleep", ["6"]).wait(), is: .exited(0))
    queue.release()
    _ = try process.finish().expect(code: 0)
    #expect(Files.size("\(taro.work)/out") == 9_000_000)
  }
}
