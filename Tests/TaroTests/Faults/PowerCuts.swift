import Digests
internal import Events
import Glibc
import Ledger
import Linux
import Maintenance
import TestSupport
import Testing

/// Runs of `taro` whose every change of a file was written down, so that power can be cut after each of them.
struct PowerCuts {
  private let log: DiskLog
  private let root: String
  /// The digests of the ledger as it was in the end, from the genesis on.
  private let digests: [Digest]
  /// For each length of the log the last position that somebody had been told of, or had acted on, before.
  private let due: [Seq]

  struct Result {
    var cuts = 0
    var disks = 0
    var complaints: [String] = []
  }

  /// What makes a `taro` write the log.
  static func environment(_ taro: TaroProgram) throws -> [String: String] {
    let path = logPath(taro)
    if !Files.exists(path) { try Files.write([], to: path) }
    return [
      "LD_PRELOAD": try FaultShim.library(), "FAULT_LOG": path,
      "FAULT_PATHS": taro.root, "SWIFT_BACKTRACE": "enable=no",
    ]
  }

  private static func logPath(_ taro: TaroProgram) -> String {
    "\(TemporaryDirectory.path)/disk.log"
  }

  /// After the runs.
  init(_ taro: TaroProgram) throws {
    log = try DiskLog(Self.logPath(taro))
    root = taro.root
    let reader = try LedgerReader(taro.ledger)
    let events = try reader.events(after: 0, limit: .max)
    digests = [Chain.genesis(ledgerID: reader.ledgerID)] + events.map(\.digest)
    due = Self.due(log, events)
  }

  /// What may be relied on: a child is started when `created` is on disk, a process ends when all it has appended is,
  /// and what it says is true.
  private static func due(_ log: DiskLog, _ events: [Event]) -> [Seq] {
    var writers: [InstanceID: Int64] = [:]
    var first: [Int64: Seq] = [:]
    var last: [Int64: Seq] = [:]
    for event in events {
      let pid: Int64
      if event.kind.isControlRequest || event.instance == nil {
        pid = event.json["pid"]?.integer ?? 0
      } else if let instance = event.instance {
        if event.kind == .state(.created) { writers[instance] = Created(event.json).runnerPID }
        pid = writers[instance] ?? 0
      } else {
        continue
      }
      first[pid] = first[pid] ?? event.seq
      last[pid] = event.seq
    }
    var position = Seq.start
    var result = [position]
    for record in log.records {
      switch record.operation {
      case .spawn: position = max(position, first[record.pid] ?? 0)
      // A run's stdout is its job's.
      case .say where !writers.values.contains(record.pid), .exit:
        position = max(position, last[record.pid] ?? 0)
      default: break
      }
      result.append(position)
    }
    return result
  }

  /// The number of changes and markers in the log, and the last position that was relied on.
  var size: (records: Int, due: Seq) { (log.records.count, due.last ?? .start) }

  /// Cuts the power after every record of the log and looks at what is left then.
  /// - Parameters:
  ///   - arrivals: for each cut.
  ///   - lies: about files that the disk never syncs.
  ///   - look: at a ledger that was found good, now and then.
  func cut(
    _ generator: inout SeededGenerator,
    arrivals: (inout SeededGenerator) -> [Disk.Arrival],
    lies: @escaping (String) -> Bool = { _ in false },
    look: (LedgerDirectory) throws -> Void = { _ in }
  ) throws -> Result {
    var disk = Disk()
    disk.isLying = lies
    var result = Result()
    for length in 0...log.records.count {
      if length > 0 { disk.apply(log.records[length - 1].operation) }
      result.cuts += 1
      for arrival in arrivals(&generator) {
        result.disks += 1
        let copy = "\(TemporaryDirectory.path)/cut"
        defer { Files.removeTree(copy) }
        try disk.restore(arrival, from: root, to: copy, using: &generator)
        let directory = LedgerDirectory("\(copy)/ledger")
        if let complaint = complaint(directory, due: due[length]) {
          result.complaints.append(
            "cut after \(length) of \(log.records.count), \(arrival): \(complaint)")
        } else {
          try look(directory)
        }
      }
    }
    return result
  }

  private func complaint(_ directory: LedgerDirectory, due: Seq) -> String? {
    do {
      let head = try head(directory)
      guard head.seq >= due else {
        return "events up to \(due) were relied on, and it ends at \(head.seq)"
      }
      if let head = head.position {
        guard digests.indices.contains(Int(head.seq.number)),
          digests[Int(head.seq.number)] == head.digest
        else {
          return "position \(head.seq) is another event than before"
        }
        if let problem = try problem(directory) { return problem }
      }
      // It goes on.
      let writer = try LedgerWriter(directory)
      try writer.turn(durable: false) { turn throws(LedgerError) in
        try turn.append(
          NewEvent(
            at: 0, mono: 0, job: nil, instance: nil, kind: .jobDisabled,
            data: JobSwitch(pattern: "x").json))
      }
      return try problem(directory)
    } catch { return "\(error)" }
  }

  private func head(
    _ directory: LedgerDirectory
  ) throws(LedgerError) -> (seq: Seq, position: ChainPosition?) {
    do throws(LedgerError) {
      let head = try LedgerReader(directory).head()
      return (head.seq, ChainPosition(seq: head.seq, digest: head.digest))
    } catch .missing { return (.start, nil) }
  }

  private func problem(_ directory: LedgerDirectory) throws(LedgerError) -> String? {
    let report = try LedgerVerification.run(directory)
    return report.isGood ? nil : "\(report.problems)"
  }
}
