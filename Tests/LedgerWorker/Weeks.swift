internal import Events
import Ledger
import Linux

/// Histories that look like those of a host: jobs with a rhythm, of which some fail.
extension LedgerWorker {
  private struct Habit {
    let job: String
    /// Seconds from one start to the next.
    let every: Int64
    /// Seconds that it runs, about.
    let takes: Double
    /// One of so many fails.
    let fails: Int
    /// Seconds that it waits first.
    var waits: Double = 0
  }

  private static let habits = [
    Habit(job: "backup/home", every: 86_400, takes: 2900, fails: 9),
    Habit(job: "backup/mail", every: 21_600, takes: 640, fails: 25),
    Habit(job: "certificates", every: 43_200, takes: 4, fails: 60),
    Habit(job: "mirror/debian", every: 14_400, takes: 1500, fails: 12),
    Habit(job: "report/daily", every: 86_400, takes: 95, fails: 14, waits: 600),
    Habit(job: "metrics", every: 900, takes: 2.4, fails: 90),
    Habit(job: "sync/calendar", every: 1800, takes: 11, fails: 30),
    Habit(job: "import/orders", every: 3600, takes: 240, fails: 18, waits: 40),
    Habit(job: "vacuum", every: 172_800, takes: 5400, fails: 40),
    Habit(job: "thumbnails", every: 7200, takes: 420, fails: 33),
  ]

  /// About so many runs up to now, of these jobs; all of them fail where that is asked for.
  static func weeks(_ directory: LedgerDirectory, count: Int, failing: Bool) throws {
    let writer = try LedgerWriter(directory)
    var random: UInt64 = 88_172_645_463_325_252
    func draw(_ bound: Int) -> Int {
      random ^= random << 13
      random ^= random >> 7
      random ^= random << 17
      return Int(random % UInt64(bound))
    }
    let perDay = habits.reduce(0.0) { $0 + 86_400 / Double($1.every) }
    let now = WallTime.now
    let seconds = Int64(Double(count) / perDay * 86_400)
    let begin = now - seconds * 1_000_000
    var events: [NewEvent] = []
    for (place, habit) in habits.enumerated() {
      // Not all at once, and the last run of each has ended.
      var start = now - (seconds - Int64(place) * 617) * 1_000_000
      while start < now - Int64(habit.takes * 3 + habit.waits) * 1_000_000 {
        let outcome = draw(1000)
        let hasFailed = failing || outcome % habit.fails == 0
        let length = habit.takes * (0.8 + Double(draw(400)) / 1000) * (outcome % 37 == 5 ? 2.4 : 1)
        events += run(
          habit, at: start, seconds: length, hasFailed ? outcome : nil, bootAt: begin)
        start = start + habit.every * 1_000_000 + Int64(draw(4_000_000))
      }
    }
    events.sort { $0.at < $1.at }
    for start in stride(from: 0, to: events.count, by: 5000) {
      try writer.turn(durable: false) { turn throws(LedgerError) in
        for event in events[start..<min(start + 5000, events.count)] { try turn.append(event) }
      }
    }
    try writer.flush()
    try say("filled")
  }

  /// The host has been up all that time: what happened before its boot would have no order.
  private static let boot = "7b3c3a5e-4f0c-4d1e-9a51-2f6f5f1d8a10"

  private static func run(
    _ habit: Habit, at created: WallTime, seconds: Double, _ failure: Int?, bootAt: WallTime
  ) -> [NewEvent] {
    let instance = InstanceID(createdAt: created)
    var first = Created()
    first.command = ["/usr/local/bin/\(habit.job.split(separator: "/")[0])", "--all"]
    first.cwd = "/var/jobs"
    first.umask = "0022"
    first.user = "root"
    first.host = Host.name()
    first.bootID = boot
    first.parent = "cron"
    first.version = "0.1.0"
    let begin = created + Int64(habit.waits * 1_000_000)
    let end = begin + Int64(seconds * 1_000_000)
    var ending = Ending()
    ending.output = OutputTotals()
    ending.status = failure == nil ? "done" : "cannot read /srv/\(habit.job): Input/output error"
    ending.exitCode = failure.map { $0 % 5 == 1 ? 12 : 2 } ?? 0
    func event(_ state: InstanceState, _ at: WallTime, _ data: JSON) -> NewEvent {
      NewEvent(
        at: at, mono: BootTime(microseconds: at - bootAt), job: habit.job, instance: instance,
        kind: .state(state), data: data)
    }
    var events = [event(.created, created, first.json)]
    if habit.waits > 0 { events.append(event(.waiting, created + 1000, .object([]))) }
    events.append(event(.running, begin, Running(pid: 4711, started: 1_234_567, pgid: 4711).json))
    events.append(event(failure == nil ? .completed : .failed, end, ending.json))
    return events
  }
}
