internal import Events
import Glibc
import Ledger
import SQLite
import TestSupport
import Testing

/// Files of the ledger that somebody tidies away while taro has them open.
@Suite("removed files", .temporaryDirectory) struct RemovedFilesTests {
  private let taro: TaroProgram

  init() throws {
    taro = try TaroProgram()
    try taro.exec("before", "true")
  }

  /// A job that prints a line for each that it reads.
  private func startLive() throws -> TaroProcess {
    let live = try taro.start("exec", "--id", "live", "cat") { $0.stdin = .pipe }
    _ = try taro.waitForEvent("its start") { $0.job == "live" && $0.kind == .state(.running) }
    return live
  }

  private func jobs() throws -> Set<String> {
    Set(try taro.events().filter { $0.kind == .state(.completed) }.compactMap(\.job))
  }

  @Test func `a run that lives goes on with what others have appended through a new index`() throws
  {
    let live = try startLive()
    unlink("\(taro.ledger.path)/ledger.db-shm")
    try taro.run("exec", "--id", "acked", "--require-ledger", "echo", "one").expect(
      code: 0, stdout: "one\n", stderr: "")
    try live.write("a line\n")
    live.closeInput()
    try live.finish().expect(code: 0, stdout: "a line\n", stderr: "")
    try expect(jobs(), is: ["before", "live", "acked"])
    try taro.run("ledger", "verify").expect(code: 0, stderr: "")
    #expect(!Files.names(in: taro.ledger.path).contains { $0.contains("sealed") })
  }

  @Test func `what a run has in a WAL that was removed goes into the database`() throws {
    let live = try startLive()
    unlink("\(taro.ledger.path)/ledger.db-wal")
    // Another finds no WAL where the index tells of one.
    try taro.run("exec", "--id", "second", "echo", "two").expect(code: 0, stdout: "two\n")
    try live.write("a line\n")
    live.closeInput()
    try live.finish().expect(code: 0, stdout: "a line\n", stderr: "")
    try taro.run("exec", "--id", "third", "true").expect(code: 0, stderr: "")
    try expect(jobs(), is: ["before", "live", "second", "third"])
    #expect(Files.names(in: "\(taro.ledger.path)/spool").isEmpty)
    try taro.run("ledger", "verify").expect(code: 0, stderr: "")
    #expect(!Files.names(in: taro.ledger.path).contains { $0.contains("sealed") })
  }

  @Test func `a listener sees what is appended through a new index`() throws {
    let live = try startLive()
    let listener = try taro.start("listen", "--since", "0")
    while try !listener.readLine().contains("live@") {}
    unlink("\(taro.ledger.path)/ledger.db-shm")
    try taro.exec("acked", "true")
    while try !listener.readLine().contains("acked@") {}
    _ = try listener.end(with: SIGTERM)
    live.closeInput()
    try expect(live.finish().code, is: 0)
  }

  /// Empties an index between the transactions of those who have it open: they stand still, and none has a lock of it
  /// (bytes 120 to 127, sqlite.org/walformat.html, 2.3). They look at its length again after 5 ms.
  private func empty(_ index: String, under processes: [pid_t]) throws {
    let script = #"""
      use Fcntl;
      my ($index, @processes) = @ARGV;
      END { kill "CONT", @processes }
      for (1 .. 1000) {
        kill "STOP", @processes;
        for my $process (@processes) {
          for (1 .. 10000) {
            open(my $stat, "<", "/proc/$process/stat") or die;
            last if <$stat> =~ /\) T /;
            select(undef, undef, undef, 0.001);
          }
        }
        open(my $file, "+<", $index) or die;
        my $lock = pack("s s x4 q q i x4", F_WRLCK, 0, 120, 8, 0);
        my $free = fcntl($file, F_SETLK, $lock);
        truncate($file, 0) or die if $free;
        select(undef, undef, undef, 0.01);
        kill "CONT", @processes;
        exit 0 if $free;
        select(undef, undef, undef, 0.01);
      }
      exit 1;
      """#
    let path = "\(taro.root)/empty.pl"
    try Files.write(Array(script.utf8), to: path)
    try taro.shell("perl \(path) \(index) \(processes.map(String.init).joined(separator: " "))")
      .expect(code: 0)
  }

  /// Who has it in memory is killed where he reads a page that is not there any more (SIGBUS).
  @Test(arguments: ["ledger.db", "projections.db"])
  func `an index that somebody has emptied is made anew`(database: String) throws {
    let live = try startLive()
    let waiting = try taro.start("exec", "--id", "waiting", "--pending", "latch", "true")
    _ = try taro.waitForEvent("its gate") { $0.job == "waiting" && $0.kind == .state(.pending) }
    let listener = try taro.start("listen", "--since", "0")
    while try !listener.readLine().contains("waiting@") {}
    try empty("\(taro.ledger.path)/\(database)-shm", under: [live.pid, waiting.pid, listener.pid])
    try live.write("a line\n")
    live.closeInput()
    try live.finish().expect(code: 0, stdout: "a line\n", stderr: "")
    while try !listener.readLine().contains("live@") {}
    try taro.run("release", "latch").expect(code: 0, stderr: "")
    try waiting.finish().expect(code: 0, stderr: "")
    _ = try listener.end(with: SIGTERM)
    try expect(jobs(), is: ["before", "live", "waiting"])
    try taro.run("ledger", "verify").expect(code: 0, stderr: "")
    #expect(!Files.names(in: taro.ledger.path).contains { $0.contains("sealed") })
  }

  @Test func `a ledger that was restored in another journal mode is taken up`() throws {
    let copy = "\(taro.root)/restored"
    mkdir(copy, 0o700)
    try Connection(taro.ledger.database, .readWrite, busyMilliseconds: 1000)
      .execute("VACUUM INTO '\(copy)/ledger.db'")
    let options = ["--ledger", copy]
    try taro.runAll(["exec"] + options + ["--require-ledger", "--id", "b", "echo", "hi"]).expect(
      code: 0, stdout: "hi\n", stderr: "")
    try taro.runAll(["disable"] + options + ["x"]).expect(code: 0, stderr: "")
    #expect(Files.names(in: "\(copy)/spool").isEmpty)
    try taro.runAll(["ledger", "verify"] + options).expect(code: 0, stderr: "")
  }

  /// The last event that ledger.lock says is on disk (docs/format.md).
  private func durable() throws -> Seq {
    let bytes = try Files.contents("\(taro.ledger.path)/ledger.lock")[192..<200]
    return Seq(bytes.reduce(Int64(0)) { $0 << 8 | Int64($1) })
  }

  @Test func `who follows tells what is on disk`() throws {
    let listener = try taro.start("listen", "--all")
    let writer = try LedgerWriter(taro.ledger)
    var first = Seq.start
    // It may not have begun to listen yet; what comes later is flushed later.
    try eventually("a line") {
      let seq = try writer.turn(durable: false) { turn throws(LedgerError) in
        try turn.append(
          NewEvent(
            at: 1, mono: 1, job: nil, instance: nil, kind: .jobEnabled, data: .object([])))
      }
      if first == 0 { first = seq }
      return try durable() >= first
    }
    try expect(listener.readLine().isEmpty, is: false)
    _ = try listener.end(with: SIGTERM)
  }
}
