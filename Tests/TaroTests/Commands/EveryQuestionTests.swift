import Glibc
internal import Ledger
import TestSupport
import Testing

@Suite("Every question", .temporaryDirectory)
struct EveryQuestionTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  @Test func `has the same answer, byte for byte, when the projections are deleted`() throws {
    for number in 0..<6 {
      try taro.exec(
        "job\(number % 3)", "sh", "-c", "seq \(number); exit \(number % 2)", code: Int32(number % 2)
      )
    }
    let live = try taro.startJob("live")
    let questions = [
      ["ps", "-f", "jsonl"], ["hist"], ["hist", "-f", "json"], ["hist", "-L", "-a"],
      ["hist", "job1", "-n", "1"], ["show", "job2"], ["show", "job1", "-f", "json"],
      ["tail", "job*"], ["tail", "job0"], ["output", "job2"], ["export", "-f", "csv"],
      ["export", "-f", "jsonl"], ["export", "job*", "-f", "junit"],
    ]
    func answers() throws -> [[UInt8]] {
      try questions.map { question in
        let result = try taro.runAll(question).expect(code: 0, stderr: "")
        // A live run's time goes on.
        return Array(result.text.replacing(/"run_seconds":[0-9.]+,/, with: "").utf8)
      }
    }
    let before = try answers()
    for name in Files.names(in: taro.ledger.path) where name.hasPrefix("projections") {
      unlink("\(taro.ledger.path)/\(name)")
    }
    try expect(answers(), is: before)
    for name in Files.names(in: taro.ledger.path) where name.hasPrefix("projections") {
      unlink("\(taro.ledger.path)/\(name)")
    }
    // Each of them first.
    for (question, answer) in zip(questions, before).reversed() {
      for name in Files.names(in: taro.ledger.path) where name.hasPrefix("projections") {
        unlink("\(taro.ledger.path)/\(name)")
      }
      let text = try taro.runAll(question).text
      #expect(Array(text.replacing(/"run_seconds":[0-9.]+,/, with: "").utf8) == answer)
    }
    live.closeInput()
    try live.finish().expect(code: 0)
  }

  @Test func `goes to --ledger before TARO_LEDGER`() throws {
    let other = "\(taro.root)/other"
    try taro.run("exec", "--id", "elsewhere", "--ledger", other, "true").expect(code: 0)
    try taro.exec("here", "true")
    let here = try taro.run("hist", "-f", "jsonl").text
    #expect(here.contains("\"here\""))
    #expect(!here.contains("elsewhere"))
    for command in [
      ["hist", "--ledger", other], ["hist", "--ledger=\(other)"],
      ["show", "elsewhere", "--ledger", other], ["hist", "--ledger", "../other"],
    ] {
      try expect(taro.runAll(command).expect(code: 0).text) { $0.contains("elsewhere") }
    }
  }

  @Test(
    .enabled(
      if: !TestHost.isRoot || TestHost.othersCanExecute,
      "the program is where only root can execute it"))
  func `has a ledger without HOME, and without any environment`() throws {
    // Root's is a fixed place, which a test leaves alone: an XDG directory for others.
    let command = ["HOME", "TARO_LEDGER"].flatMap { ["-u", $0] }
    let user = TestHost.isRoot ? ["setpriv", "--reuid=65534", "--clear-groups"] : []
    let data = "\(taro.root)/data"
    mkdir(data, 0o700)
    if TestHost.isRoot { chown(data, 65534, 0) }
    for directory in [taro.root, TemporaryDirectory.path] { chmod(directory, 0o755) }
    func run(_ arguments: String...) throws -> TaroResult {
      try taro.start(bytes: arguments.map { Array($0.utf8) }) { setup in
        setup.wrapper = ["/usr/bin/env"] + command + ["XDG_DATA_HOME=\(data)"] + user
      }.finish()
    }
    let result = try run("exec", "--id", "a", "true")
    result.expect(code: 0, stderr: "")
    try expect(run("hist").expect(code: 0, stderr: "").text) { $0.contains(" a ") }
    #expect(Files.exists("\(data)/taro/ledger.db"))
  }

  @Test func `of a ledger that is not ours is refused, with the reason and the remedy`() throws {
    try taro.exec("a", "true")
    chmod(taro.ledger.path, 0o777)
    for command in ["ps", "hist", "tail", "listen", "wait", "stop"] {
      let result = try taro.run(command).expect(code: 78, stdout: "")
      result.expectOneLine(about: taro.ledger.path, "others can write it", "chmod go-w")
    }
    let file = "\(taro.root)/file"
    try Files.write([], to: file)
    try taro.run("ps", "--ledger", file).expect(code: 78).expectOneLine(about: file, "no directory")
    try taro.run("ps", "--ledger", "").expect(code: 64).expectOneLine(about: "--ledger", "empty")
  }

  @Test func `of a damaged ledger is answered with what is wrong and what to do`() throws {
    try taro.exec("a", "true")
    for suffix in ["-wal", "-shm"] { unlink(taro.ledger.database + suffix) }
    try Files.write(Files.randomBytes(10_000), to: taro.ledger.database)
    for command in ["ps", "hist", "tail", "listen", "wait", "stop"] {
      let result = try taro.run(command).expect(code: 65, stdout: "")
      result.expectOneLine(about: taro.ledger.path, "damaged", "the next taro exec puts it aside")
    }
  }

  @Test(arguments: [
    "ps", "hist", "history", "tail", "output", "show", "listen", "wait", "stop",
  ])
  func `is explained, with examples`(command: String) throws {
    let name = command == "history" ? "hist" : command
    for option in ["--help", "-h"] {
      let text = try taro.run(command, option).expect(code: 0, stderr: "").text
      #expect(text.contains("\n  taro \(name)"), "an example stands alone on a line\n\(text)")
      #expect(text.contains("USAGE: taro \(name)"))
      #expect(text.contains("--ledger"))
    }
    #expect(!Files.exists(taro.ledger.path))
  }

  @Test func `begins at taro, which says what it is and which one`() throws {
    let text = try taro.run("--help").expect(code: 0, stderr: "").text
    for command in ["exec", "ps", "hist", "tail", "output", "show", "listen", "wait", "stop"] {
      #expect(text.contains("\n  \(command)"), "\(command)")
    }
    try expect(taro.run().expect(code: 0).text, is: text)
    let version = try taro.run("--version").expect(code: 0, stderr: "")
    #expect(version.text.wholeMatch(of: /taro [0-9]+\.[0-9]+\.[0-9]+\n/) != nil)
    try taro.run("bakcup").expect(code: 64, stdout: "")
  }
}
