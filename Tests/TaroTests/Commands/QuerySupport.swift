internal import Events
import Glibc
import Ledger
import Linux
import TestSupport
import Testing

extension TaroProgram {
  /// Three runs of two jobs; the second one failed.
  func runThree() throws {
    try run("exec", "--id", "backup", "--param", "tape=4", "--", "echo", "all saved")
      .expect(code: 0)
    try exec("check", "sh", "-c", "echo no disk; exit 3", code: 3)
    try exec("backup", "true")
  }

  func runAll(_ arguments: [String], change: (inout Setup) -> Void = { _ in }) throws -> TaroResult
  {
    try start(bytes: arguments.map { Array($0.utf8) }, change: change).finish()
  }

  /// Runs a job to its end.
  func exec(_ id: String, _ command: String..., code: Int32 = 0) throws {
    try runAll(["exec", "--id", id, "--"] + command).expect(code: code)
  }

  /// Starts a job that prints each line it is given, `err LINE` on stderr, and `exit N` ends it; returns when it is
  /// on record as running.
  func startJob(_ id: String, options: [String] = []) throws -> TaroProcess {
    let script = """
      while read -r line; do case "$line" in
      exit*) exit ${line#exit };; err*) echo "$line" >&2;; *) printf '%s\\n' "$line";; esac; done
      """
    let arguments = ["exec", "--id", id] + options + ["sh", "-c", script]
    let job = try start(bytes: arguments.map { Array($0.utf8) }) { $0.stdin = .pipe }
    // This very one: others of the job may run.
    try eventually("\(id) runs") {
      let events = (try? events(ofJob: id)) ?? []
      let created = events.first {
        $0.kind == .state(.created) && Created($0.json).runnerPID == Int64(job.pid)
      }
      return events.contains {
        $0.instance == created?.instance && $0.kind == .state(.running)
      }
    }
    return job
  }

  /// The document of the newest run of a job.
  func document(_ job: String) throws -> JSON {
    try JSON(parsing: try run("show", job, "-f", "json").expect(code: 0).text)
  }

  func instance(_ job: String) throws -> String {
    try #require(try document(job)["instance"]?.string)
  }

  /// Kills a job's runner, lets the job end, and waits until somebody who watches has put the loss on record, which
  /// takes five seconds at most (and as long as a busy machine lets him wait).
  func killRunner(of job: TaroProcess) throws {
    let killedAt = WallTime.now
    job.signal(SIGKILL)
    job.closeInput()
    var lostAt: WallTime?
    try waitForEvent { event in
      if event.kind == .state(.lost) { lostAt = event.at }
      return lostAt != nil
    }
    try expect(#require(lostAt) - killedAt) { $0 < 25_000_000 }
  }

  /// Waits until such an event is in the ledger.
  func waitForEvent(_ isWanted: (Event) -> Bool) throws {
    let deadline = MonotonicTime.now + 60_000_000
    var tail = LiveTail(try LedgerReader(ledger), after: 0)
    while try !tail.next().contains(where: isWanted) {
      try #require(MonotonicTime.now < deadline, "no such event")
      tail.wait()
    }
  }
}

/// It has ended instead of watching the ledger.
struct NotWatching: Error { let result: TaroResult }

extension TaroProcess {
  /// Gives the job a line and waits until it has printed it.
  func say(_ line: String) throws {
    try write("\(line)\n")
    _ = try readLine(line.hasPrefix("err") ? .stderr : .stdout)
  }

  /// Waits until it watches the ledger: what is appended from now on, it sees.
  func waitUntilWatching() throws {
    let deadline = MonotonicTime.now + 60_000_000
    while true {
      let links = (3..<64).compactMap { Files.link("/proc/\(pid)/fd/\($0)") }
      if links.contains("anon_inode:inotify") { return }
      // What has ended has nothing open any more.
      guard !Files.names(in: "/proc/\(pid)/fd").isEmpty else {
        throw NotWatching(result: try finish())
      }
      try #require(MonotonicTime.now < deadline, "it never watched: \(links)")
      // Nothing tells when another process opens something.
      _ = Poll.wait(-1, for: .readable, milliseconds: 5)
    }
  }

  @discardableResult
  func end(with signal: Int32) throws -> TaroResult {
    self.signal(signal)
    return try finish()
  }
}

extension String {
  /// The text with what differs from run to run made the same, in the same width.
  var normalized: String {
    replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}\.[0-9]{3}/, with: "DDDD-DD-DD TT:TT:TT.TTT")
      .replacing(/[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}/, with: "00:00:00.000")
      .replacing(/0[0-9a-hjkmnp-tv-z]{15}/, with: "IIIIIIIIIIIIIIII")
  }
}

/// A terminal that a taro under test has for its stdin, stdout and stderr.
final class QueryTerminal {
  private let terminal: PseudoTerminal
  private var slave: Descriptor?
  private(set) var text = ""
  private var bytes: [UInt8] = []

  init() throws {
    terminal = try PseudoTerminal()
    slave = .some(try Descriptor.open(terminal.path, O_RDWR | O_NOCTTY))
  }

  /// For `TaroProgram.start`: everything on this terminal, which is so many columns wide.
  func attach(_ setup: inout TaroProgram.Setup, columns: Int = 200) {
    guard let fd = slave?.fd else { return }
    setup.stdin = .descriptor(fd)
    setup.stdout = .descriptor(fd)
    setup.stderr = .descriptor(fd)
    setup.environment["TERM"] = "xterm"
    setup.preparation = "stty cols \(columns) rows 50"
  }

  func type(_ text: String) throws { try RawIO.writeAll(terminal.master.fd, text) }

  /// Reads until this has been shown.
  func read(until end: String) throws {
    while !text.contains(end) {
      try #require(readMore(milliseconds: 60_000), "no \(end) in: \(text.debugDescription)")
    }
  }

  /// What a process that has ended has shown, line ends as programs write them.
  func readAll() -> String {
    while readMore(milliseconds: 0) {}
    return text
  }

  private func readMore(milliseconds: Int32) -> Bool {
    guard Poll.wait(terminal.master.fd, for: .readable, milliseconds: milliseconds) else {
      return false
    }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let transfer = buffer.withUnsafeMutableBytes { RawIO.read(terminal.master.fd, into: $0) }
    guard case .bytes(let count) = transfer else { return false }
    bytes += buffer[..<count]
    text = String(decoding: bytes.filter { $0 != 0x0d }, as: UTF8.self)
    return true
  }
}
