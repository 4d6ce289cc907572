internal import Events
import Glibc
import Ledger
import TestSupport
import Testing

@Suite("taro listen --checkpoint", .temporaryDirectory)
struct ListenCheckpointTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private var file: String { "\(taro.ledger.checkpoints)/audit" }

  private func listen(
    _ options: String..., program: TaroProgram? = nil
  ) throws -> TaroProcess {
    let words = ["listen", "--all", "-f", "jsonl", "--checkpoint", "audit"] + options
    return try (program ?? taro).start(bytes: words.map { Array($0.utf8) })
  }

  /// Waits until the position of the name is that.
  private func waitUntilSaved(_ seq: Seq) throws {
    try eventually("checkpoint \(seq)") {
      guard let text = try? Files.text(file) else { return false }
      return (try? JSON(parsing: text))?["seq"]?.seq == seq
    }
  }

  private func seq(_ line: String) throws -> Seq? { try JSON(parsing: line)["seq"]?.seq }

  private func head() throws -> Seq { try LedgerReader(taro.ledger).head().seq }

  @Test func `begins with everything, and goes on where it stopped, over restarts`() throws {
    var given: [Seq] = []
    for (round, signal) in [SIGTERM, SIGINT, SIGKILL].enumerated() {
      try taro.exec("job\(round)", "echo", "x")
      let listener = try listen()
      let head = try head()
      while (given.last ?? 0) < head {
        given.append(try #require(try seq(try listener.readLine())))
      }
      try waitUntilSaved(head)
      try listener.end(with: signal).expect(stdout: "", stderr: "")
    }
    #expect(given == (1...(try head().number)).map { Seq($0) })
    #expect(Files.mode(file) == 0o600)
    #expect(Files.mode(taro.ledger.checkpoints) == 0o700)
  }

  @Test func `gives out again what was not written, whenever it is killed`() throws {
    for job in 0..<10 { try taro.exec("job\(job)", "true") }
    let head = try head()
    var given: Set<Seq> = []
    for lines in 0..<12 {
      let listener = try listen()
      for _ in 0..<lines where (given.max() ?? 0) < head {
        given.insert(try #require(try seq(try listener.readLine())))
      }
      for line in try listener.end(with: SIGKILL).lines {
        given.insert(try #require(try seq(line)))
      }
    }
    // Nothing was left out before the last that came.
    #expect(given == Set((1...(try #require(given.max()).number)).map { Seq($0) }))
  }

  @Test func `does not count a line that nobody could take`() throws {
    try taro.exec("a", "true")
    let result = try taro.shell(
      "\"$TARO\" listen --all --checkpoint audit > /dev/full")
    result.expect(code: 74)
    #expect(!Files.exists(file))
  }

  @Test func `advances over what does not match`() throws {
    for job in ["a", "b"] { try taro.exec(job, "true") }
    let listener = try listen("a")
    for wanted in 1...3 { try expect(seq(try listener.readLine()), is: Seq(wanted)) }
    try waitUntilSaved(6)
    try taro.exec("b", "true")
    try waitUntilSaved(9)
    try listener.end(with: SIGTERM).expect(code: 0, stdout: "", stderr: "")
  }

  @Test func `is one listener at a time, and other names are others`() throws {
    try taro.exec("a", "true")
    let first = try listen()
    try expect(seq(try first.readLine()), is: 1)
    try listen().finish().expect(code: 75, stdout: "")
      .expectOneLine(about: "--checkpoint audit", "pid \(first.pid)", "stop it")
    let other = try taro.start("listen", "--checkpoint", "audit.lock", "-f", "jsonl")
    try expect(seq(try other.readLine()), is: 1)
    try first.end(with: SIGKILL)
    try taro.exec("a", "true")
    let second = try listen()
    var last: Seq = 0
    while last < 6 { last = try #require(try seq(try second.readLine())) }
  }

  @Test func `begins anew, and says so, where its place is not in the ledger`() throws {
    try taro.exec("a", "true")
    var listener = try listen()
    for _ in 1...3 { _ = try listener.readLine() }
    try waitUntilSaved(3)
    try listener.end(with: SIGTERM)
    let mine = try Files.text(file)
    let (id, digest) = try (
      #require(try JSON(parsing: mine)["ledger"]?.string),
      #require(try JSON(parsing: mine)["digest"]?.string)
    )
    let zeros = String(repeating: "0", count: 64)
    for (content, reason) in [
      (mine.replacing(id, with: String(repeating: "0", count: 32)), "another ledger"),
      (mine.replacing(digest, with: zeros), "not in the ledger any more"),
      (mine.replacing("\"seq\":3", with: "\"seq\":4"), "not in the ledger any more"),
      ("{", "cannot be read"), ("", "cannot be read"),
    ] {
      try Files.write(Array(content.utf8), to: file)
      listener = try listen()
      try expect(seq(try listener.readLine()), is: 1)
      let said = try listener.readLine(.stderr)
      #expect(said.contains("checkpoint audit: "), "\(said)")
      #expect(said.contains(reason), "\(said)")
      try waitUntilSaved(3)
      try listener.end(with: SIGTERM)
    }
  }

  @Test(arguments: ["", ".", ".a", "a/b", "a b", "ü", "a\nb"])
  func `takes only names that are file names`(name: String) throws {
    try taro.run("listen", "--checkpoint=\(name)").expect(code: 64, stdout: "")
    #expect(!Files.exists(taro.ledger.path))
  }

  @Test func `knows where to begin, and is not told`() throws {
    let result = try taro.run("listen", "--checkpoint", "a", "--since", "0")
      .expect(code: 64, stdout: "")
    #expect(result.stderr.contains("leave out --since"))
  }

  @Test func `says it when the position cannot be saved`() throws {
    try taro.exec("a", "true")
    mkdir(taro.ledger.checkpoints, 0o700)
    mkdir(file, 0o700)
    let result = try listen().finish().expect(stdout: "")
    try expect(#require(result.code)) { $0 > 0 }
    result.expectOneLine(about: file, "directory")
  }
}
