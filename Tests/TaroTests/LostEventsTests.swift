internal import Events
import Glibc
internal import Ledger
import TestSupport
import Testing

/// A ledger whose end is gone: the WAL ends where a frame does not fit, and SQLite says nothing of it.
@Suite("lost events", .temporaryDirectory) struct LostEventsTests {
  private let taro: TaroProgram
  private let head: Seq
  private var wal: String { "\(taro.ledger.path)/ledger.db-wal" }

  /// Three runs whose events are all in the WAL, as after a reboot.
  init() throws {
    taro = try TaroProgram()
    for job in ["one", "two", "three"] { try taro.exec(job, "echo", "out") }
    head = try #require(try taro.events().last).seq
    unlink("\(taro.ledger.path)/ledger.db-shm")
  }

  enum Harm: CaseIterable { case header, early, late, cut, zeros, gone, noDatabase, emptyDatabase }

  private func harm(_ harm: Harm) throws {
    var bytes = try Files.contents(wal)
    try #require(bytes.count > 5000)
    switch harm {
    case .header: bytes[8] ^= 1
    case .early: bytes[bytes.count / 2] ^= 1
    case .late: bytes[bytes.count - 2000] ^= 1
    case .cut: bytes.removeLast(bytes.count / 4)
    case .zeros:
      bytes.replaceSubrange((bytes.count - 5000)..., with: repeatElement(0, count: 5000))
    case .gone:
      unlink(wal)
      return
    case .noDatabase:
      unlink(taro.ledger.database)
      return
    case .emptyDatabase:
      try Files.write([], to: taro.ledger.database)
      return
    }
    try Files.write(bytes, to: wal)
  }

  /// All that may not be changed by a question.
  private func files() throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in Files.names(in: taro.ledger.path) where !name.hasSuffix("-shm") {
      let path = "\(taro.ledger.path)/\(name)"
      let isDirectory = ["checkpoints", "run", "spool"].contains(name)
      // SQLite makes a missing WAL for a reader too, without a byte.
      let bytes =
        isDirectory ? Files.names(in: path).joined().utf8.map { $0 } : try Files.contents(path)
      if !bytes.isEmpty { files[name] = bytes }
    }
    return files
  }

  @Test(arguments: Harm.allCases)
  func `every question says what is missing, and writes nothing`(_ kind: Harm) throws {
    try harm(kind)
    let before = try files()
    for words in [
      ["ps"], ["hist"], ["show", "three"], ["tail"], ["output", "three"], ["stats"],
      ["why", "three"], ["ledger", "head"], ["ledger", "info"], ["list-disabled"],
      ["wait", "-t", "0", "three"], ["ledger", "rebuild"], ["listen", "--checkpoint", "audit"],
    ] {
      let result = try taro.runAll(words)
      #expect(
        result.stderr.contains(" to \(head) are missing, though they had been written")
          || result.stderr.contains(" event \(head) is missing, though it had been written"),
        "\(result)")
      #expect(result.stderr.contains("taro ledger verify"), "\(result)")
      try expect(files(), is: before, "\(words)")
    }
  }

  @Test(arguments: Harm.allCases)
  func `verify names the lost positions`(_ kind: Harm) throws {
    try harm(kind)
    let result = try taro.run("ledger", "verify").expect(code: 65, stderr: "")
    #expect(
      result.text.contains("events 1 to \(head)")
        || result.text.contains(" \(head): not there any more"), "\(result)")
  }

  @Test(arguments: [["stop", "--force", "one"], ["disable", "one"], ["release", "latch"]])
  func `a request is refused and changes nothing`(_ words: [String]) throws {
    try harm(.late)
    let before = try files()
    let result = try taro.runAll(words)
    #expect(result.code != 0, "\(result)")
    // However many of them were in what is harmed.
    expect(result.stderr) {
      $0.contains(" to \(head) are missing") || $0.contains(" event \(head) is missing")
    }
    expect(result.stderr.split(separator: "damaged: ").count, is: 2)
    try expect(files(), is: before)
  }

  @Test(arguments: Harm.allCases)
  func `a run puts database and WAL aside before anything is appended`(_ kind: Harm) throws {
    let acknowledged = try taro.events()
    unlink("\(taro.ledger.path)/ledger.db-shm")
    try harm(kind)
    let before = try files()
    try taro.run("exec", "--id", "next", "echo", "ran").expect(code: 0, stdout: "ran\n")
      .expectOneLine(about: "damaged", " \(head) ", " missing, though", "a new one was begun")
    let after = try files()
    for (name, suffix) in [("ledger.db", ""), ("ledger.db-wal", "-wal")] {
      guard let bytes = before[name] else { continue }
      let sealed = after.keys.filter {
        $0.hasPrefix("ledger.db.sealed-") && $0.hasSuffix("-wal") == (suffix == "-wal")
      }
      #expect(sealed.count == 1)
      for name in sealed { #expect(after[name] == bytes) }
    }
    let first = try #require(try taro.events().first)
    switch first.kind {
    case .sealed:
      // There is nothing left to read them from.
      #expect(kind == .gone)
      #expect(SealedLedger(first.json).reason.contains("to \(head) are missing"))
    case .recovered: try expectRecovered(Recovered(first.json), acknowledged, after: kind)
    default: Issue.record("a new ledger begins with \(first.kind)")
    }
    try taro.run("ledger", "verify").expect(code: 0, stderr: "")
    try taro.run("hist").expect(code: 0, stderr: "")
  }

  /// What is lost is counted, and is no more than the harm can have taken; all else is as it was.
  private func expectRecovered(
    _ recovered: Recovered, _ acknowledged: [Event], after kind: Harm
  ) throws {
    #expect(kind != .gone)
    #expect(recovered.reason?.contains(" \(head) ") == true, "\(recovered)")
    let sealed = "\(taro.ledger.path)/\(recovered.file)"
    #expect(Files.exists(sealed) || Files.exists("\(sealed)-wal"))
    let counts = recovered.counts
    #expect(counts.read + counts.lost == head.number)
    #expect(counts.made == 0)
    switch kind {
    case .header, .noDatabase, .emptyDatabase: #expect(counts.lost + counts.chunksLost == 0)
    // One page is gone, where no other frame has the same.
    case .early, .late: #expect(counts.lost + counts.chunksLost <= 1)
    case .cut, .zeros, .gone: #expect(counts.lost < head.number)
    }
    // A piece of output that is gone leaves a gap in its place.
    var (rest, gaps) = (acknowledged[...], Int64(0))
    for event in try taro.events().dropFirst().prefix(Int(counts.read)) {
      if event.kind == .outputGap { gaps += 1 }
      rest = rest.drop {
        $0.instance != event.instance || $0.n != event.n
          || event.kind != .outputGap && $0.json != event.json
      }
      #expect(rest.popFirst() != nil, "\(event) was never acknowledged")
    }
    #expect(gaps == counts.chunksLost)
  }

  @Test func `a ledger without its queue's file says nothing, for nothing is known`() throws {
    try harm(.late)
    unlink("\(taro.ledger.path)/ledger.lock")
    try taro.run("hist").expect(code: 0, stderr: "")
  }
}
