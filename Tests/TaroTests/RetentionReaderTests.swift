internal import Events
import Glibc
import Ledger
import Linux
import TestSupport
import Testing

/// Retention drops what somebody is reading: he is told what he has not got, and the exit code says so.
@Suite("Reading while retention drops", .temporaryDirectory)
struct RetentionReaderTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func drop(_ settings: String...) throws {
    try taro.runAll(
      ["ledger", "retain", "--force"] + settings.flatMap { ["--set", "retention.\($0)"] }
    ).expect(code: 0)
  }

  /// More than a pipe holds, and what a reader takes from the ledger before it waits for the pipe.
  private func runLargeJob() throws {
    try taro.shell("\"$TARO\" exec --id big head -c 12000000 /dev/urandom > /dev/null")
      .expect(code: 0, stderr: "")
  }

  private struct Answer {
    let code: Int
    let bytes: Int
    let stderr: String
  }

  /// What a question gives whose answer is taken when `meanwhile` is done.
  private func ask(_ words: String, _ meanwhile: () throws -> Void) throws -> Answer {
    let reader = try taro.startShell(
      """
      exec 3<&0
      { "$TARO" \(words); echo $? > code; } |
        { head -c 1 > /dev/null; echo begun >&4; read -r go <&3; wc -c; } 4>&1
      """
    ) { $0.stdin = .pipe }
    try expect(reader.readLine(), is: "begun")
    try meanwhile()
    try reader.write("go\n")
    let result = try reader.finish()
    let code = try Files.lines("\(taro.work)/code").first.flatMap { Int($0) }
    let rest = Int(result.text.filter(\.isNumber))
    return Answer(
      code: try #require(code), bytes: 1 + (try #require(rest)), stderr: result.stderr)
  }

  @Test(arguments: ["output big", "tail -n 1000000 big"])
  func `output that is dropped while it is read is told of`(_ words: String) throws {
    try runLargeJob()
    let answer = try ask(words) { try drop("max_size=1", "keep_failed=0") }
    #expect(answer.code == 1)
    #expect(answer.bytes < 12_000_000)
    #expect(answer.stderr.contains("retention has dropped its output while it was read"))
    #expect(answer.stderr.contains("the first \(answer.bytes) bytes printed"))
  }

  @Test(arguments: ["output big", "tail -n 1000000 big"])
  func `a run that is dropped while it is read is told of`(_ words: String) throws {
    try runLargeJob()
    let answer = try ask(words) { try drop("max_records=0", "keep_failed=0") }
    #expect(answer.code == 1)
    #expect(answer.stderr.contains("the first \(answer.bytes) bytes printed"))
  }

  @Test func `what is read before it is dropped is whole`() throws {
    try taro.exec("small", "seq", "9")
    let result = try taro.run("output", "small").expect(code: 0, stderr: "")
    #expect(result.lines.count == 9)
  }

  /// Runs of two events each, more than are read together.
  private func appendRuns(_ count: Int64) throws {
    let writer = try LedgerWriter(taro.ledger)
    try writer.turn(durable: false) { turn throws(LedgerError) in
      for number in 0..<count {
        let instance = InstanceID(createdAt: WallTime(number * 1000))
        for kind in [EventKind.state(.created), .state(.skipped)] {
          try turn.append(
            NewEvent(
              at: 1_795_358_400_000_000, mono: 86_400_000_000, job: "many", instance: instance,
              kind: kind, data: .object([])))
        }
      }
    }
  }

  @Test(arguments: ["--checkpoint audit", "--since 0"])
  func `a listener says what it has not given out`(_ beginning: String) throws {
    try appendRuns(1500)
    let listener = try taro.startShell(
      """
      exec 3<&0
      { sh -c 'echo $$ > pid; exec "$TARO" listen --all -f jsonl \(beginning)'; echo $? > code; } |
        { head -c 1 > /dev/null; echo begun; read -r go <&3; printf '{'; cat; }
      """
    ) { $0.stdin = .pipe }
    // It waits for its reader within the first thousand.
    try expect(listener.readLine(), is: "begun")
    try drop("max_records=10", "keep_failed=0")
    let head = try LedgerReader(taro.ledger).head().seq
    try listener.write("go\n")
    var (last, missing) = (Seq.start, Int64(0))
    while last < head {
      let next = try #require(try seq(listener.readLine()))
      missing += next - last - 1
      last = next
    }
    #expect(missing > 0)
    let told = try listener.readLine(.stderr)
    #expect(told.hasPrefix("taro: retention has dropped \(missing) events after "), "\(told)")
    let line = try Files.lines("\(taro.work)/pid").first
    kill(try #require(line.flatMap { Int32($0) }), SIGTERM)
    _ = try listener.finish()
    try expect(Files.lines("\(taro.work)/code"), is: ["1"])
  }

  private func seq(_ line: String) throws -> Seq? { try JSON(parsing: line)["seq"]?.seq }

  @Test func `a name that comes back is told what was dropped meanwhile`() throws {
    try appendRuns(10)
    let first = try taro.start("listen", "--all", "--checkpoint", "audit")
    for _ in 0..<4 { _ = try first.readLine() }
    try eventually("a checkpoint") { Files.exists("\(taro.ledger.checkpoints)/audit") }
    try expect(first.end(with: SIGKILL).code) { $0 == nil }
    try appendRuns(10)
    try drop("max_records=0", "keep_failed=0")
    let again = try taro.start("listen", "--all", "--checkpoint", "audit")
    try expect(again.readLine(.stderr)) { $0.contains("retention has dropped") }
    try expect(again.end(with: SIGTERM).code, is: 1)
  }
}
