internal import Events
import Glibc
internal import Ledger
import TestSupport
import Testing

@Suite(.temporaryDirectory) struct ExecLongCommandTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func size(of path: String) throws -> Int64 {
    var info = stat()
    try #require(stat(path, &info) == 0)
    return Int64(info.st_size)
  }

  @Test func `a command with as many arguments as Linux takes is run`() throws {
    let numbers = (1...30_000).map { "\($0)" }
    let words = ["exec", "sh", "-c", "echo $#; echo ${#TARO_JOB}", "sh"] + numbers
    let result = try taro.start(bytes: words.map { Array($0.utf8) }).finish()
    // The ellipsis has three bytes, of which dash counts each.
    result.expect(code: 0, stderr: "")
    #expect(result.lines.first == "30000")
    #expect(["209", "211"].contains(result.lines.last))
    let created = try #require(try taro.events().first { $0.kind == .state(.created) })
    #expect(Created(created.json).command == Array(words.dropFirst()))
    #expect(created.job?.hasPrefix("sh -c echo $#; echo ${#TARO_JOB} sh 1 2 3 ") == true)
  }

  @Test func `a long script stands in the ledger once`() throws {
    let comment = String(repeating: "x", count: 100_000)
    // The second line comes in an event of its own.
    try taro.run("exec", "sh", "-c", "echo 1; sleep 0.3; echo 2; # \(comment)").expect(code: 0)
    let stored = try size(of: taro.ledger.database) + size(of: "\(taro.ledger.path)/ledger.db-wal")
    #expect(stored < 400_000, "\(stored) bytes")
  }

  @Test func `an id that is too long is refused, with how long it may be`() throws {
    let id = String(repeating: "é", count: 513)
    try taro.run("exec", "--id", id, "true").expect(code: 64, stdout: "")
    let longest = String(repeating: "é", count: 512)
    try taro.run("exec", "--id", longest, "sh", "-c", #"printf %s "$TARO_JOB""#)
      .expect(code: 0, stdout: longest, stderr: "")
  }
}
