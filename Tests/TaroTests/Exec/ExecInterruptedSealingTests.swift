internal import Events
import Glibc
internal import Ledger
import Linux
import SQLite
import TestSupport
import Testing

/// Whoever puts a damaged ledger aside may be killed at any call, or find no room: the next goes on where he was, nothing
/// that was acknowledged is lost on the way, and whoever asks in between is told.
@Suite(.temporaryDirectory) struct ExecInterruptedSealingTests {
  enum Harm: String, CaseIterable {
    /// A byte in the middle of the WAL.
    case flipped
    case noDatabase
  }

  private static let isFull = Environment.value("TARO_FAULTS") == "full"
  private static let calls = "rename,unlink,fdatasync,fsync"
  /// The call at which it is killed. By the last ones of all it has said what it did.
  private static let kills = isFull ? Array(1...30) : [1, 2, 3, 5, 17, 20, 22]

  private let taro: TaroProgram
  private let jobs = ["one", "two", "three"]
  private let acknowledged: Seq

  init() throws {
    taro = try TaroProgram()
    for job in jobs { try taro.exec(job, "echo", job) }
    acknowledged = try #require(try taro.events().last).seq
  }

  private var names: [String] { Files.names(in: taro.ledger.path) }

  private func harm(_ kind: Harm) throws {
    switch kind {
    case .noDatabase: unlink(taro.ledger.database)
    case .flipped:
      let wal = "\(taro.ledger.database)-wal"
      var bytes = try Files.contents(wal)
      try #require(bytes.count > 5000)
      bytes[bytes.count / 2] ^= 0x55
      try Files.write(bytes, to: wal)
      unlink("\(taro.ledger.database)-shm")
    }
  }

  private func dieSealing(at call: Int) throws -> TaroResult {
    try taro.shell(
      """
      exec strace -f -qq -o /dev/null -e trace=\(Self.calls) \
        -e inject=\(Self.calls):signal=KILL:when=\(call) "$TARO" exec --id killed true
      """)
  }

  /// How often a person was told what was put aside.
  private func told(_ result: TaroResult) -> Int {
    result.stderr.split(separator: "it was put aside as ", omittingEmptySubsequences: false).count
      - 1
  }

  /// All runs are there, the ledger is good, and nothing is left of the work.
  private func expectWhole() throws {
    for job in jobs {
      try expect(taro.ending(ofJob: job)?.state, is: .completed)
      try taro.run("output", job).expect(code: 0, stdout: "\(job)\n")
    }
    try taro.run("ledger", "verify").expect(code: 0, stderr: "")
    try taro.run("exec", "true").expect(code: 0, stderr: "")
    #expect(!Files.exists("\(taro.ledger.path)/.recovering"))
    let sealed = Set(
      names.filter { $0.hasPrefix("ledger.db.sealed-") && !$0.hasSuffix("-shm") }
        .map { $0.hasSuffix("-wal") ? String($0.dropLast(4)) : $0 })
    try #require(sealed.count == 1, "\(names)")
    let name = try #require(sealed.first)
    try expect(taro.run("ledger", "info").expect(code: 0).stdout) {
      String(decoding: $0, as: UTF8.self).contains("/\(name)\n")
    }
  }

  @Test(arguments: Harm.allCases, kills)
  func `the next goes on where it was killed, and says so once`(_ kind: Harm, call: Int) throws {
    try harm(kind)
    let killed = try dieSealing(at: call)
    // Somebody asks: never is it said that there is nothing.
    if told(killed) == 0 {
      let asked = try taro.run("hist")
      #expect(asked.stderr.contains("damaged: ") || asked.text.contains("one"), "\(asked)")
    }
    let next = try taro.run("exec", "--id", "next", "echo", "ran")
    next.expect(code: 0, stdout: "ran\n")
    #expect(told(killed) + told(next) == 1, "\(killed) \(next)")
    let first = try #require(try taro.events().first)
    try #require(first.kind == .recovered)
    let recovered = Recovered(first.json)
    #expect(recovered.counts.lost + recovered.counts.chunksLost == 0)
    #expect(recovered.counts.read >= acknowledged.number)
    try expectWhole()
  }

  /// What is put aside stands under its name, and another has not the ledger's.
  private func interrupt(_ kind: Harm) throws -> String {
    try harm(kind)
    var sealed: String?
    for call in 1...8 where sealed == nil {
      _ = try dieSealing(at: call)
      sealed = names.first { $0.hasPrefix("ledger.db.sealed-") }
    }
    let name = try #require(sealed, "\(names)")
    #expect(!Files.exists(taro.ledger.database))
    return String(name.dropLast(name.hasSuffix("-wal") ? 4 : 0))
  }

  @Test(arguments: Harm.allCases)
  func `whoever asks in between is told who goes on`(_ kind: Harm) throws {
    let name = try interrupt(kind)
    let before = names
    for words in [
      ["ledger", "verify"], ["ledger", "info"], ["hist"], ["ps"], ["stop", "--force", "one"],
      ["disable", "one"], ["release", "latch"], ["show", "one"],
    ] {
      let result = try taro.runAll(words)
      #expect(result.code == EX_DATAERR, "\(result)")
      result.expectOneLine(about: "damaged", "put aside as \(name)", "the next taro exec goes on")
    }
    #expect(names == before)
    try taro.run("exec", "--id", "next", "true").expect(code: 0)
      .expectOneLine(about: "put aside as \(name)", "all of its")
    try expectWhole()
  }

  @Test func `a WAL of which nothing else is left is not written over`() throws {
    unlink(taro.ledger.database)
    unlink("\(taro.ledger.path)/ledger.lock")
    let bytes = try Files.contents("\(taro.ledger.database)-wal")
    try taro.run("hist").expect(code: EX_DATAERR)
      .expectOneLine(about: "ledger.db is gone, and its WAL is not")
    try taro.run("exec", "true").expect(code: 0).expectOneLine(about: "put aside as", "all of its")
    let sealed = try #require(names.first { $0.hasPrefix("ledger.db.sealed-") })
    try expect(Files.contents("\(taro.ledger.path)/\(sealed)"), is: bytes)
    try expectWhole()
  }

  @Test func `what an earlier version began in its place is no reason to lose the old one`() throws
  {
    _ = try interrupt(.flipped)
    try Files.write([], to: taro.ledger.database)
    try taro.run("exec", "--id", "next", "true").expect(code: 0)
      .expectOneLine(about: "put aside as", "all of its")
    try expectWhole()
  }

  @Test func `nothing is removed through a link`() throws {
    let target = "\(taro.root)/precious"
    for folder in [target, "\(target)/run"] { #expect(mkdir(folder, 0o700) == 0) }
    try Files.write([1], to: "\(target)/file")
    try Files.write([1], to: "\(target)/run/file")
    #expect(symlink(target, "\(taro.ledger.path)/.recovering") == 0)
    try harm(.flipped)
    try taro.run("exec", "--id", "next", "true").expect(code: 0)
      .expectOneLine(about: "put aside as", "all of its")
    #expect(Files.exists("\(target)/file"))
    #expect(Files.exists("\(target)/run/file"))
    try expectWhole()
  }

  @Test(arguments: Harm.allCases)
  func `without room the job runs, and is brought in with all the others when there is`(
    _ kind: Harm
  ) throws {
    let harm =
      switch kind {
      case .noDatabase: "rm $L/ledger.db"
      case .flipped:
        """
        size=$(stat -c %s $L/ledger.db-wal)
          byte=$(od -An -tu1 -j $((size / 2)) -N 1 $L/ledger.db-wal)
          printf "\\$(printf %o $((byte ^ 85)))" | dd of=$L/ledger.db-wal bs=1 seek=$((size / 2)) conv=notrunc 2> /dev/null
          rm $L/ledger.db-shm
        """
      }
    let result = try taro.shell(
      """
      exec unshare -m sh -c '
        L="$XDG_RUNTIME_DIR/full"; export TARO_LEDGER=$L
        mkdir -m 700 $L && mount -t tmpfs -o mode=700,size=6m none $L || exit 77
        for job in one two three; do "$TARO" exec --id $job echo $job > /dev/null; done
        dd if=/dev/zero of=$L/filler bs=4k 2> /dev/null
        \(harm)
        "$TARO" exec --id killed sh -c "echo kk; exit 7"; echo $?
        rm $L/filler
        echo room >&2
        "$TARO" exec --id next echo ran
        "$TARO" ledger verify > /dev/null; echo $?
        for job in one two three killed; do "$TARO" output $job; done
        "$TARO" hist killed > /dev/null; ls -A $L | grep -c recovering'
      """)
    #expect(
      result.lines == ["kk", "7", "ran", "0", "one", "two", "three", "kk", "0"], "\(result)")
    let parts = result.stderr.split(separator: "room\n", omittingEmptySubsequences: false)
    let said = try #require(parts.last)
    #expect(said.contains("it was put aside as "), "\(result)")
    #expect(said.contains("all of its"), "\(result)")
    #expect(told(result) == 1, "\(result)")
  }
}
