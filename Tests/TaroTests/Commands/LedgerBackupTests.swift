internal import Events
import Glibc
import Ledger
import TestSupport
import Testing

@Suite("taro ledger backup", .temporaryDirectory)
struct LedgerBackupTests {
  private let taro: TaroProgram
  private var copy: LedgerDirectory { LedgerDirectory("\(taro.root)/copy") }

  init() throws { taro = try TaroProgram() }

  private func events(_ directory: LedgerDirectory) throws -> [Event] {
    try LedgerReader(directory).events(after: 0, limit: .max)
  }

  @Test func `the copy is whole, private and good, and says what it has`() throws {
    try taro.exec("a", "seq", "3000")
    try taro.exec("b", "false", code: 1)
    let result = try taro.run("ledger", "backup", copy.path + "/").expect(code: 0, stderr: "")
    let head = try LedgerReader(taro.ledger).head()
    #expect(result.lines.first == "\(copy.path): a copy of \(taro.ledger.path)")
    #expect(result.lines.contains("events     \(head.seq)"))
    #expect(result.lines.last == "head       \(head.digest)@\(head.seq)")
    #expect(Files.names(in: copy.path) == ["ledger.db"])
    #expect(Files.mode(copy.path) == 0o700)
    #expect(Files.mode(copy.database) == 0o600)
    #expect(!Files.exists("\(copy.path).partial"))
    try expect(events(copy).map(\.digest), is: events(taro.ledger).map(\.digest))
    try taro.run("ledger", "verify", "--ledger", copy.path).expect(code: 0)
    let output = try taro.run("output", "a", "--ledger", copy.path).expect(code: 0)
    #expect(output.lines.count == 3000)
  }

  @Test func `what is there already is not touched`() throws {
    try taro.exec("a", "true")
    mkdir(copy.path, 0o700)
    try taro.run("ledger", "backup", copy.path).expect(code: 0)
    let bytes = try Files.contents(copy.database)
    let result = try taro.run("ledger", "backup", copy.path).expect(code: EX_CONFIG, stdout: "")
    #expect(result.stderr.contains("there is something in it already; remove it"))
    try expect(Files.contents(copy.database), is: bytes)
    mkdir("\(taro.root)/other.partial", 0o700)
    try Files.write([1], to: "\(taro.root)/other.partial/mine")
    let busy = try taro.run("ledger", "backup", "\(taro.root)/other").expect(code: EX_CONFIG)
    #expect(busy.stderr.contains("other.partial: it is there already"))
    #expect(!Files.exists("\(taro.root)/other"))
    try taro.run("ledger", "backup", "").expect(code: 64)
  }

  /// At a write in what is being made.
  @Test(arguments: ["backup", "recover"])
  func `one that was killed keeps nobody from making it`(_ command: String) throws {
    try taro.exec("a", "seq", "3000")
    let partial = "\(copy.path).partial"
    let source = command == "recover" ? [taro.ledger.path, "--into"] : []
    let all = ["ledger", command] + source + [copy.path]
    let killed = try taro.start(bytes: all.map { Array($0.utf8) }) { setup in
      setup.wrapper = [
        "strace", "-f", "-o", "/dev/null", "-P", "\(partial)/ledger.db", "-P",
        "\(partial)/ledger.db-wal", "-e", "trace=pwrite64", "-e",
        "inject=pwrite64:signal=KILL:when=3",
      ]
    }.finish()
    #expect(killed.code != 0, "\(killed)")
    #expect(Files.exists("\(partial)/ledger.db"))
    try taro.runAll(all).expect(code: 0)
    #expect(!Files.exists(partial))
    #expect(!Files.exists("\(copy.path)/.unfinished"))
    try taro.run("ledger", "verify", "--ledger", copy.path).expect(code: 0)
  }

  @Test func `one that was killed before it had its name is in nobody's way`() throws {
    try taro.exec("a", "true")
    let calls = "rename,renameat,renameat2"
    let killed = try taro.start("ledger", "backup", copy.path) { setup in
      setup.wrapper = [
        "strace", "-f", "-o", "/dev/null", "-e", "trace=\(calls)", "-e",
        "inject=\(calls):signal=KILL:when=1",
      ]
    }.finish()
    #expect(killed.code != 0, "\(killed)")
    #expect(Files.exists("\(copy.path).partial/ledger.db"))
    try taro.run("ledger", "backup", copy.path).expect(code: 0)
    #expect(!Files.exists("\(copy.path).partial"))
    #expect(!Files.exists("\(copy.path)/.unfinished"))
    try taro.run("ledger", "verify", "--ledger", copy.path).expect(code: 0)
  }

  @Test func `a ledger that is not good has no backup`() throws {
    try taro.exec("a", "seq", "3000")
    let database = try taro.checkpointedDatabase()
    let newest = try #require(try taro.events().last)
    let page = try #require(database.lastPage(with: newest.digest.bytes))
    var bytes = try Files.contents(taro.ledger.database)
    bytes.replaceSubrange(page * 4096..<page * 4096 + 12, with: repeatElement(0xff, count: 12))
    try Files.write(bytes, to: taro.ledger.database)
    let result = try taro.run("ledger", "backup", copy.path).expect(code: EX_DATAERR, stdout: "")
    #expect(result.stderr.contains("damaged"), "\(result)")
    #expect(Files.names(in: taro.root).filter { $0.hasPrefix("copy") } == [])
  }

  @Test func `it is made while runs append`() throws {
    let jobs = try (0..<3).map { number in
      try taro.startShell(
        "for i in 1 2 3 4 5 6; do \"$TARO\" exec --id job\(number) seq 5000 > /dev/null; done")
    }
    try eventually("a run") {
      ((try? taro.events()) ?? []).contains { $0.kind.isTerminal }
    }
    for round in 0..<3 {
      try taro.run("ledger", "backup", "\(copy.path)\(round)").expect(code: 0, stderr: "")
    }
    for job in jobs { try expect(job.finish().code, is: 0) }
    let all = try events(taro.ledger).map(\.digest)
    for round in 0..<3 {
      let copied = try events(LedgerDirectory("\(copy.path)\(round)")).map(\.digest)
      #expect(!copied.isEmpty)
      #expect(all.starts(with: copied))
    }
  }

  /// What every question does to the files of a copy: nothing.
  @Test func `questions leave a copy as it is`() throws {
    try taro.exec("a", "seq", "9")
    try taro.run("hist").expect(code: 0)
    let live = try taro.startJob("live")
    try taro.shell("cp -a \"$TARO_LEDGER\" \(copy.path)").expect(code: 0)
    let names = Files.names(in: copy.path)
    let files = names.filter { !["run", "ledger.db-shm", "projections.db-shm"].contains($0) }
    func contents() throws -> [[UInt8]] {
      try files.map { name in
        let path = "\(copy.path)/\(name)"
        var info = stat()
        guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return [] }
        return try Files.contents(path)
      }
    }
    let before = try contents()
    for words in [
      ["ps"], ["hist"], ["show", "live"], ["why", "live"], ["output", "a"], ["tail", "a"],
      ["stats"],
      ["list-disabled"], ["ledger", "info"], ["ledger", "head"], ["ledger", "verify"],
    ] {
      let result = try taro.runAll(words + ["--ledger", copy.path])
      #expect(result.code == 0, "\(result)")
      if words.first != "ledger" {
        #expect(result.stderr.contains("\(copy.path) is a copy"), "\(result)")
      }
      try expect(contents(), is: before, "\(words)")
      #expect(Files.names(in: copy.path) == names, "\(words)")
    }
    try live.write("exit 0\n")
    try expect(live.finish().code, is: 0)
    // Who runs something with it makes it his own.
    try taro.run("exec", "--ledger", copy.path, "--id", "new", "true").expect(code: 0, stderr: "")
    let ps = try taro.run("ps", "--ledger", copy.path).expect(code: 0, stderr: "")
    #expect(!ps.text.contains("live"))
    let kinds = try events(copy).map(\.kind)
    #expect(kinds.contains(.identified))
    #expect(kinds.contains(.state(.lost)))
    try taro.run("ledger", "verify", "--ledger", copy.path).expect(code: 0, stderr: "")
  }
}
