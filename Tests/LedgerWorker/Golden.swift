internal import Events
import Ledger
import SQLite

extension LedgerWorker {
  struct Busy: Error {}

  /// Empties the WAL of a ledger that nobody else has open.
  static func checkpoint(_ directory: LedgerDirectory) throws {
    // As the last connection it would also leave a single file behind without being asked.
    let connection = try Connection(directory.database, .readWrite, busyMilliseconds: 1000)
    guard try connection.integer("PRAGMA wal_checkpoint(TRUNCATE)") == 0 else { throw Busy() }
  }
}

/// Writes the ledger that is kept under Tests/LedgerTests/Golden: an event of every kind, always the same but for the
/// ledger's id. Done once for each format on disk; what is there is never written again.
enum Golden {
  static func write(_ directory: LedgerDirectory) throws {
    try append(directory)
    try LedgerWorker.checkpoint(directory)
  }

  private static let start = WallTime(microseconds: 1_795_358_400_000_000)

  private static func append(_ directory: LedgerDirectory) throws {
    let writer = try LedgerWriter(directory)
    var clock: Int64 = 0
    for (id, events) in try instances() {
      for (kind, data, output) in events {
        clock += 250_123
        let event = NewEvent(
          at: start + clock, mono: .boot + 86_400_000_000 + clock, job: "backup",
          instance: id, kind: kind, data: data, output: output)
        try writer.turn(durable: true) { turn throws(LedgerError) in try turn.append(event) }
      }
    }
  }

  private typealias Content = (kind: EventKind, data: JSON, output: EncodedOutput?)

  private static func instances() throws -> [(InstanceID, [Content])] {
    let ends: [(InstanceState, [InstanceState], Ending)] = [
      (.failed, [.running], failed), (.stopped, [.running], killed("stop requested")),
      (.interrupted, [.running], killed("signal INT")), (.error, [.running], why("out of memory")),
      (.lost, [.running], lost), (.startFailed, [], why("./backup.sh: Permission denied")),
      (.disabled, [], why("disabled by pattern back*")), (.cancelled, [], why("signal TERM")),
      (.skipped, [], why("backup@06h0000000000001 is live")),
      (.dependencyNotRunning, [], why("no instance of database is running")),
      (.suspended, [], why("suspended")),
    ]
    var instances = [(try LedgerWorker.instance("06h0000000000001"), try completed())]
    for (index, (end, before, ending)) in ends.enumerated() {
      let digit = Array("0123456789abcdefghjkmnpqrstvwxyz")[index + 2]
      var events: [Content] = [(.state(.created), created.json, nil)]
      events += before.map { (.state($0), running.json, nil) }
      events.append((.state(end), ending.json, nil))
      instances.append((try LedgerWorker.instance("06h000000000000\(digit)"), events))
    }
    return instances
  }

  /// A run that passes through everything there is on the way to its end.
  private static func completed() throws -> [Content] {
    let text = Array(String(repeating: "copied a file of 1024 bytes\n", count: 40).utf8)
    let long = [
      OutputSegment(stream: .stdout, offset: 0, length: 560),
      OutputSegment(stream: .stderr, offset: 1500, length: 28),
      OutputSegment(stream: .stdout, offset: 20_000, length: text.count - 588),
    ]
    let short: [UInt8] = [0xff, 0xfe, 0x00] + Array(" done".utf8)
    var request = ControlRequest()
    request.by.user = "root"
    request.by.pid = 4714
    request.by.host = "host.example"
    request.by.reason = "maintenance"
    var interrupt = request
    interrupt.by.via = .signal
    interrupt.by.reason = nil
    interrupt.signal = "INT"
    let group: JSON = .object([
      .init("group", "nightly"), .init("limit", 2),
      .init("ahead", .strings(["backup@06h0000000000000"])),
    ])
    return [
      (.state(.created), created.json, nil),
      (.state(.pending), .object([.init("latch", "disk-mounted")]), nil),
      (.state(.waiting), group, nil),
      (.state(.triggered), .object([]), nil),
      (.state(.started), .object([]), nil),
      (.state(.running), running.json, nil),
      (.output, totals(text.count - 28, 28, 40).json, chunk(text, long)),
      (.status, .object([.init("text", "copied a file of 1024 bytes")]), nil),
      (.warning, Warning(kind: .output, text: "failed", count: 1, last: "1 failed").json, nil),
      (
        .output, totals(short.count, 0, 0).json,
        chunk(short, [OutputSegment(stream: .stdout, offset: 0, length: short.count)])
      ),
      (.outputGap, OutputGap(bytes: 262_144, reason: "overflow").json, nil),
      (.stopRequested, request.json, nil),
      (.interruptRequested, interrupt.json, nil),
      (.unknown("seen_tomorrow"), .object([.init("why", "a kind of a later version")]), nil),
      (.state(.completed), finished.json, nil),
    ]
  }

  private static var created: Created {
    var created = Created()
    created.command = ["./backup.sh", "--to", "/srv/backup \u{fffd}"]
    created.commandBase64 = ["Li9iYWNrdXAuc2g=", "LS10bw==", "L3Nydi9iYWNrdXAg/w=="]
    created.cwd = "/srv"
    created.umask = "0022"
    created.user = "root"
    created.host = "host.example"
    created.bootID = "c2a7a1f6-6d3b-4c5e-9a39-0d9a2f1f6f10"
    created.runnerPID = 4711
    created.runnerStarted = 8_640_012
    created.parent = "/usr/sbin/cron -f"
    created.params = [.init("region", "north")]
    created.bypassesOutput = true
    created.version = "0.1.0"
    return created
  }

  private static var running: Running { Running(pid: 4712, started: 8_640_013, pgid: 4712) }

  private static func totals(_ stdout: Int, _ stderr: Int, _ lines: Int64) -> OutputTotals {
    var totals = OutputTotals()
    totals.stdoutBytes = Int64(stdout)
    totals.stderrBytes = Int64(stderr)
    totals.lines = lines
    return totals
  }

  private static func chunk(_ bytes: [UInt8], _ runs: [OutputSegment]) -> EncodedOutput {
    bytes.withUnsafeBytes { EncodedOutput($0, runs: runs) }
  }

  private static var usage: Ending.Usage {
    Ending.Usage(
      userMicroseconds: 120_000, systemMicroseconds: 34_000, maxRSSBytes: 4_194_304, blocksIn: 8,
      blocksOut: 2048)
  }

  private static var finished: Ending {
    var ending = Ending()
    ending.exitCode = 0
    ending.usage = usage
    ending.output = totals(1101, 28, 41)
    ending.output?.droppedBytes = 262_144
    ending.status = "\u{fffd} done"
    ending.outputLeftOpen = true
    return ending
  }

  private static var failed: Ending {
    var ending = why("signal SEGV")
    ending.signal = "SEGV"
    ending.coreDumped = true
    ending.usage = usage
    ending.output = OutputTotals()
    return ending
  }

  private static func killed(_ reason: String) -> Ending {
    var ending = why(reason)
    ending.exitCode = 143
    ending.usage = usage
    ending.output = OutputTotals()
    return ending
  }

  private static func why(_ reason: String) -> Ending {
    var ending = Ending()
    ending.reason = reason
    return ending
  }

  private static var lost: Ending {
    var ending = why("runner vanished")
    ending.evidence = Ending.Evidence(
      lastSignOfLife: start, childRunning: true, rebooted: false)
    return ending
  }
}
