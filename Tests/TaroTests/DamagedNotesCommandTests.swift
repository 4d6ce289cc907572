import Events
import Ledger
import TestSupport
import Testing

/// A ledger.lock in which something was changed: what a person is told.
@Suite("damaged notes", .temporaryDirectory) struct DamagedNotesCommandTests {
  private let taro: TaroProgram
  private let head: Seq
  private var lock: String { "\(taro.ledger.path)/ledger.lock" }

  init() throws {
    taro = try TaroProgram()
    for job in ["one", "two"] { try taro.exec(job, "echo", "out") }
    try taro.run("hist").expect(code: 0, stderr: "")
    head = try #require(try taro.events().last).seq
  }

  private func flip(_ byte: Int) throws {
    var bytes = try Files.contents(lock)
    try #require(bytes.indices.contains(byte))
    bytes[byte] ^= 0x10
    try Files.write(bytes, to: lock)
  }

  @Test(arguments: [
    ["ps"], ["hist"], ["show", "two"], ["stats"], ["ledger", "head"], ["ledger", "rebuild"],
    ["ledger", "backup"],
  ])
  func `a question is answered, and says what nobody can know`(_ words: [String]) throws {
    try flip(75)
    let target = words.last == "backup" ? ["\(taro.root)/copy"] : []
    try taro.runAll(words + target).expect(code: 0).expectOneLine(
      about: "ledger.lock is damaged: what it says of the last event does not fit its checksum",
      "whether events behind \(head) are missing", "taro ledger verify", "the next taro exec")
  }

  /// The notes of the last event, the last one on disk, a ledger that is put aside, and the files.
  @Test(arguments: [75, 200, 130, 240])
  func `verify names it and is not green, and a run goes on, says it once, and notes it anew`(
    byte: Int
  ) throws {
    try flip(byte)
    let verified = try taro.run("ledger", "verify").expect(code: 65)
    #expect(verified.text.contains(": damaged, 1 problem\n  ledger.lock is damaged: what it says"))
    #expect(verified.text.contains("\ntrustworthy  all events from 1 to \(head)\n"))
    try taro.run("exec", "--id", "next", "echo", "ran").expect(code: 0, stdout: "ran\n")
      .expectOneLine(about: "ledger.lock is damaged", "it is noted anew")
    try expect(taro.ending(ofJob: "next")?.state, is: .completed)
    #expect(!Files.names(in: taro.ledger.path).contains { $0.contains("sealed") })
    try expect(taro.events().first?.kind, is: .state(.created))
    try taro.run("hist").expect(code: 0, stderr: "")
    try taro.run("ledger", "verify").expect(code: 0, stderr: "")
  }

  @Test func `a mark that nobody has made costs a checkpoint, and is not told`() throws {
    try flip(16)
    try taro.run("hist").expect(code: 0, stderr: "")
    try taro.run("exec", "--id", "next", "true").expect(code: 0, stderr: "")
    try taro.run("ledger", "verify").expect(code: 0, stderr: "")
  }
}
