internal import Events
import Glibc
import Ledger
import Linux

/// Load for the benchmarks.
extension LedgerWorker {
  /// Durable one-event commits for so long; says how many, and the longest in microseconds.
  static func load(_ directory: LedgerDirectory, milliseconds: Int) throws {
    let writer = try LedgerWriter(directory, queueMilliseconds: 60_000)
    let end = MonotonicTime.now + Int64(milliseconds) * 1000
    var (count, worst): (Int, Int64) = (0, 0)
    var start = MonotonicTime.now
    while start < end {
      let instance = InstanceID(createdAt: WallTime.now)
      try writer.turn(durable: true) { turn throws(LedgerError) in
        try turn.append(event(instance))
      }
      let now = MonotonicTime.now
      worst = max(worst, now - start)
      count += 1
      start = now
    }
    try say("\(count) \(worst)")
  }

  /// A ledger of so many runs, three events each, the newest of them live: their run files are held until stdin ends.
  /// - Parameter argumentBytes: how long an argument each command has besides.
  static func fill(
    _ directory: LedgerDirectory, count: Int, jobs: Int = 200, live: Int = 100,
    argumentBytes: Int = 0
  ) throws {
    let writer = try LedgerWriter(directory)
    var created = Created()
    created.command = ["/usr/local/bin/backup.sh", "--full"]
    if argumentBytes > 0 { created.command.append(String(repeating: "x", count: argumentBytes)) }
    created.cwd = "/var/backups"
    created.umask = "0022"
    created.user = "root"
    created.host = Host.name()
    created.bootID = Host.bootID()
    created.parent = "/usr/sbin/cron -f"
    created.version = "0.1.0"
    var ending = Ending()
    ending.exitCode = 0
    ending.output = OutputTotals()
    ending.status = "done"
    // Made once: it may be large.
    let template = filled("", InstanceID(createdAt: .epoch), .created, created.json)
    let child = Running(pid: 4711, started: 1_234_567, pgid: 4711)
    var files: [LiveFile] = []
    let together = argumentBytes > 1000 ? 10 : 1000
    for start in stride(from: 0, to: count, by: together) {
      let indices = start..<min(start + together, count)
      // A thousand within one millisecond, which no host has: drawn numbers would meet now and then.
      let instances = indices.map { index in
        InstanceID(
          milliseconds: UInt64(WallTime.now.microseconds) / 1000, random: UInt32(index))
      }
      try writer.turn(durable: false) { turn throws(LedgerError) in
        for (index, instance) in zip(indices, instances) {
          let job = "job-\(index % jobs)"
          var first = template
          (first.at, first.mono) = (WallTime.now, BootTime.now)
          (first.job, first.instance) = (job, instance)
          try turn.append(first)
          try turn.append(filled(job, instance, .running, child.json))
          guard index < count - live else { continue }
          try turn.append(filled(job, instance, .completed, ending.json))
        }
      }
      for (index, instance) in zip(indices, instances) where index >= count - live {
        files.append(try LiveFile(instance, directory))
      }
    }
    try writer.flush()
    try say("filled")
    waitForEnd()
    files.removeAll()
  }

  /// Runs that begin and end at once, three events each, so many in a second, for so long; says how many.
  static func pace(_ directory: LedgerDirectory, perSecond: Int, milliseconds: Int) throws {
    let writer = try LedgerWriter(directory, queueMilliseconds: 60_000)
    var created = Created()
    created.command = ["true"]
    created.cwd = "/"
    created.umask = "0022"
    created.user = "root"
    created.host = Host.name()
    created.bootID = Host.bootID()
    created.parent = "/usr/sbin/cron -f"
    created.version = "0.1.0"
    var ending = Ending()
    ending.exitCode = 0
    ending.output = OutputTotals()
    let child = Running(pid: 4711, started: 1_234_567, pgid: 4711)
    let start = MonotonicTime.now
    var count = 0
    while true {
      let due = start + Int64(count) * 1_000_000 / Int64(perSecond)
      guard due < start + Int64(milliseconds) * 1000 else { break }
      _ = Poll.wait(-1, for: .readable, milliseconds: Int32(clamping: due.millisecondsLeft))
      let instance = InstanceID(createdAt: WallTime.now)
      try writer.turn(durable: true) { turn throws(LedgerError) in
        try turn.append(filled("paced", instance, .created, created.json))
        try turn.append(filled("paced", instance, .running, child.json))
        try turn.append(filled("paced", instance, .completed, ending.json))
      }
      count += 1
    }
    try say(count)
  }

  private static func filled(
    _ job: String, _ instance: InstanceID, _ state: InstanceState, _ data: JSON
  ) -> NewEvent {
    NewEvent(
      at: .now, mono: .now, job: job, instance: instance,
      kind: .state(state), data: data)
  }

  private final class LiveFile {
    let file: RunFile
    init(_ instance: InstanceID, _ directory: LedgerDirectory) throws {
      file = try RunFile(instance, in: directory)
    }
  }
}
