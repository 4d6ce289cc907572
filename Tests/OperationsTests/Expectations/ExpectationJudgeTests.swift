import Events
import Projections
import TestSupport
import Testing

@testable import Operations

/// Time is counted in minutes from a midnight in UTC; the expectation was said at -10, as event 1.
@Suite struct `What is expected of a job, judged,` {
  private static let midnight: Int64 = 1_795_996_800_000_000  // 2026-11-30

  private func at(_ minute: Double) -> WallTime {
    WallTime(microseconds: Self.midnight + Int64(minute * 60_000_000))
  }

  private func entry(
    _ due: JobExpectation.Due?, grace: Double = 5,
    _ change: (inout JobExpectation) -> Void = { _ in }
  ) -> ExpectedJobs.Entry {
    var expectation = JobExpectation(due, grace: Int64(grace * 60_000_000))
    expectation.zone = "UTC"
    change(&expectation)
    return ExpectedJobs.Entry(job: "job", expectation: expectation, seq: 1, at: at(-10))
  }

  private static let hourly = JobExpectation.Due.times(cron: ["@hourly"], calendar: [])

  /// A run created at that minute, as event 10 + its number.
  private func run(
    _ number: Int, at minute: Double, for length: Double? = nil, started: Bool = true
  ) -> ObservedRun {
    var run = ObservedRun(
      InstanceID(milliseconds: 1, random: UInt32(number)), createdAt: at(minute),
      createdSeq: Seq(10 + number), startedAt: started ? at(minute) : nil)
    if let length {
      run.endedAt = at(minute + length)
      run.run = Int64(length * 60_000_000)
    }
    return run
  }

  /// Looks at these minutes, each time with what has happened by then, and tells what was found.
  private func looks(
    _ entry: ExpectedJobs.Entry, _ minutes: [Double], _ runs: [ObservedRun]
  ) throws -> [String] {
    var last: Notice?
    var found: [String] = []
    for (number, minute) in minutes.enumerated() {
      let known = runs.filter { $0.createdAt <= at(minute) }.map { run in
        var run = run
        if let end = run.endedAt, end > at(minute) { (run.endedAt, run.run) = (nil, nil) }
        return run
      }
      let notice = Notice(at: at(minute), seq: known.map(\.createdSeq).max() ?? Seq(2))
      let judge = try ExpectationJudge(entry, last: last, now: notice, host: .utc)
      // As whoever looks does, with those alone that are needed.
      let needed = known.filter { $0.createdAt >= judge.runsNeededSince || $0.endedAt == nil }
      let earlier = known.filter { $0.createdAt < judge.runsNeededSince }.suffix(4)
      let given =
        needed + earlier.filter { run in !needed.contains { $0.instance == run.instance } }
      for breach in judge.breaches(given) {
        let due = Double(breach.due.microseconds - Self.midnight) / 60_000_000
        let count = breach.count.map { " x\($0)" } ?? ""
        let run = breach.instance.map { id in
          " #\(runs.firstIndex { $0.instance == id } ?? -1)"
        }
        found.append("\(number): \(breach.kind) \(due)\(run ?? "")\(count)")
      }
      last = notice
    }
    return found
  }

  // MARK: Missed, late

  @Test func `is as it should be where each run begins in time`() throws {
    let runs = (0...3).map { run($0, at: Double($0) * 60 + 0.1, for: 3) }
    try expect(looks(entry(Self.hourly), [30, 90, 200], runs), is: [])
    try expect(looks(entry(Self.hourly), [200], runs), is: [])
    let every = entry(.every(3_600_000_000))
    try expect(looks(every, [30, 90, 200], runs), is: [])
    try expect(looks(every, [200], runs), is: [])
  }

  @Test func `is missed once its grace is over, once, and dated when it was due`() throws {
    let looks = try looks(entry(Self.hourly), [4, 5, 5.2, 6, 30, 64, 66, 66], [])
    #expect(looks == ["2: missed 0.0", "6: missed 60.0"])
  }

  @Test func `is missed however late somebody looks`() throws {
    try expect(
      looks(entry(Self.hourly), [200], [run(0, at: 60)]),
      is: ["0: missed 0.0", "0: missed 120.0", "0: missed 180.0"])
  }

  @Test func `is not missed where it was due before it was expected`() throws {
    let later = entry(Self.hourly) { $0.after = at(60) }
    try expect(looks(later, [-5, 30, 70, 200], []), is: ["3: missed 120.0", "3: missed 180.0"])
  }

  @Test func `is late where the run comes after its grace, and missed before if somebody looks`()
    throws
  {
    let runs = [run(0, at: 10, for: 1), run(1, at: 30, for: 1), run(2, at: 60, for: 1)]
    try expect(looks(entry(Self.hourly), [70], runs), is: ["0: late 0.0 #0"])
    try expect(
      looks(entry(Self.hourly), [7, 11, 12, 70], runs), is: ["0: missed 0.0", "1: late 0.0 #0"])
  }

  @Test func `as so long after the run before, counts from each run`() throws {
    let every = entry(.every(3_600_000_000))
    // First from when it is expected: at minute 50. Then from each run.
    try expect(looks(every, [54, 56, 70], []), is: ["1: missed 50.0"])
    try expect(
      looks(
        every, [60, 120, 300],
        [run(0, at: 49, for: 1), run(1, at: 100, for: 1), run(2, at: 170, for: 1)]),
      is: ["2: late 160.0 #2", "2: missed 230.0", "2: missed 290.0"])
    // By hand in between: it is due an hour after that.
    try expect(
      looks(every, [60, 100, 130], [run(0, at: 49, for: 1), run(1, at: 90, for: 1)]), is: [])
  }

  @Test func `is one event where very many were missed in a row`() throws {
    let minutely = entry(.times(cron: ["* * * * *"], calendar: []), grace: 1)
    let found = try looks(minutely, [1000], [run(0, at: 500)])
    #expect(found == ["0: missed -9.0 x509", "0: missed 501.0 x498"])
    try expect(looks(minutely, [10.0], []).count, is: 18)
  }

  @Test func `counts a run that was told not to start`() throws {
    try expect(looks(entry(Self.hourly), [10], [run(0, at: 0.1, for: 0, started: false)]), is: [])
  }

  // MARK: How a run has to be

  @Test func `is overlong once, while it goes on or after its end`() throws {
    let limited = entry(nil) { $0.maxTime = 1_800_000_000 }
    let runs = [run(0, at: 0, for: 100)]
    try expect(looks(limited, [10, 29, 31, 40, 120], runs), is: ["2: overlong 30.0 #0"])
    try expect(looks(limited, [120], runs), is: ["0: overlong 30.0 #0"])
    try expect(looks(limited, [10, 120], [run(0, at: 0, for: 29)]), is: [])
    var lost = run(0, at: 0, for: 100)
    (lost.run, lost.isLost) = (nil, true)
    try expect(looks(limited, [120], [lost]), is: [])
  }

  @Test func `overlaps where one begins while another goes on`() throws {
    let runs = [run(0, at: 0, for: 70), run(1, at: 60, for: 3), run(2, at: 120, for: 1)]
    let overlapping = ["1: overlapping 60.0 #1"]
    try expect(looks(entry(Self.hourly), [30, 61, 65, 75, 125], runs), is: overlapping)
    try expect(looks(entry(Self.hourly), [130], runs), is: ["0: overlapping 60.0 #1"])
    try expect(looks(entry(Self.hourly) { $0.mayOverlap = true }, [130], runs), is: [])
    var skipped = run(1, at: 60, for: 0, started: false)
    skipped.isSkipped = true
    try expect(looks(entry(Self.hourly), [62], [runs[0], skipped]), is: ["0: overlapping 60.0 #1"])
  }

  @Test func `is silent each time that nothing is heard for too long`() throws {
    let entry = entry(nil) { $0.maxSilence = 600_000_000 }
    func look(_ minute: Double, _ heard: Double, _ seq: Int64, after: Notice?) throws -> [WallTime]
    {
      var live = run(0, at: 0)
      (live.lastAt, live.lastSeq) = (at(heard), Seq(seq))
      let notice = Notice(at: at(minute), seq: Seq(seq))
      return try ExpectationJudge(entry, last: after, now: notice, host: .utc).breaches([live])
        .map(\.due)
    }
    try expect(look(9, 0, 11, after: nil), is: [])
    try expect(look(11, 0, 11, after: Notice(at: at(9), seq: 11)), is: [at(10)])
    try expect(look(20, 0, 11, after: Notice(at: at(11), seq: 11)), is: [])
    try expect(look(31, 20.5, 12, after: Notice(at: at(20), seq: 11)), is: [at(30.5)])
    // It fell silent and spoke again between two looks of which the second is late: as it is then.
    try expect(look(60, 55, 14, after: Notice(at: at(31), seq: 12)), is: [])
  }

  /// However often somebody looks, and whenever: nothing is found twice, and what a single late look finds, all find but
  /// for what was made good meanwhile.
  @Test func `is found once, whenever somebody looks`() throws {
    var generator = SeededGenerator(for: "looks")
    for _ in 0..<300 {
      let limited = entry(
        generator.chance(50) ? Self.hourly : .every(3_600_000_000),
        grace: Double(generator.below(20))
      ) { $0.maxTime = 1_500_000_000 }
      var minute = 0.0
      let runs = (0..<generator.below(12)).map { number in
        minute += Double(generator.below(1200)) / 10 + 0.1
        return run(number, at: minute, for: Double(generator.below(900)) / 10)
      }
      let lastLook = 1000.0
      var times = (0..<generator.below(40)).map { _ in Double(generator.below(10000)) / 10 }
      times = (times + [lastLook]).sorted()
      func names(_ found: [String]) -> [String] {
        found.map { $0.split(separator: ":").last.map(String.init) ?? "" }
      }
      let many = try names(looks(limited, times, runs))
      let one = try names(looks(limited, [lastLook], runs))
      #expect(Set(many).count == many.count, "\(many)")
      // What comes late was missed for who has looked before.
      let others = Set(many).subtracting(one)
      #expect(Set(one).isSubset(of: many), "\(one) \(many)")
      #expect(others.allSatisfy { $0.contains("missed") }, "\(others)")
      for missed in others {
        #expect(one.contains { $0.hasPrefix(missed.replacing("missed", with: "late")) })
      }
    }
  }
}
