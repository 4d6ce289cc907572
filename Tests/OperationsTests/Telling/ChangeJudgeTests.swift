import Events
import TestSupport
import Testing

@testable import Operations

/// Time is counted in hours from a moment at which the job was well.
@Suite struct `What is told of a job, judged,` {
  private static let hour = 3_600_000_000.0

  private static func at(_ hour: Double) -> WallTime {
    WallTime(microseconds: 1_796_000_000_000_000 + Int64(hour * Self.hour))
  }

  /// A job, and somebody who looks at it now and then.
  private struct Looker {
    var last: JobChange?
    var standing = JobStanding()
    var seq = Seq(10)
    private var troubles: [ChangeJudge.Trouble] = []

    init() {
      standing.lastGood = JobStanding.Good(Self.run(1), endedAt: at(-1), seq: 5)
    }

    static func run(_ number: UInt32) -> InstanceID { InstanceID(milliseconds: 1, random: number) }

    mutating func fail(_ hour: Double, _ kind: JobChange.Kind = .failed) {
      seq += 1
      let id = Self.run(UInt32(seq.number))
      troubles.append(ChangeJudge.Trouble(kind, seq: seq, at: at(hour), instance: id))
      guard [.failed, .lost].contains(kind) else { return }
      let before = standing.failing
      standing.failing = JobStanding.Streak(
        count: (before?.count ?? 0) + 1, since: before?.since ?? at(hour), newest: id, seq: seq)
      standing.lastFailure = at(hour)
      standing.missed = 0
    }

    mutating func complete(_ hour: Double) {
      seq += 1
      standing.failing = nil
      standing.missed = 0
      standing.lastGood = JobStanding.Good(
        Self.run(UInt32(seq.number)), endedAt: at(hour), seq: seq)
    }

    mutating func miss(_ hour: Double) {
      fail(hour, .missed)
      standing.missed += 1
    }

    /// Looks at that hour, and gives what is told.
    mutating func look(_ hour: Double) -> [String] {
      let judge = ChangeJudge(last: last, standing: standing, now: Notice(at: at(hour), seq: seq))
      let changes = judge.changes(troubles)
      troubles = []
      last = changes.last ?? last
      seq += 1
      return changes.map(\.kind.rawValue)
    }
  }

  @Test func `is the first failure, and an hour, six hours and each day later that it goes on`() {
    var job = Looker()
    job.standing.isExpected = true
    #expect(job.look(0) == [])
    job.fail(0)
    #expect(job.look(0) == ["failed"])
    #expect(job.last?.count == 1)
    #expect(job.last?.thread == 12)
    #expect(job.last?.lastGood == Looker.run(1))
    for minute in 1...50 {
      job.fail(Double(minute) / 60)
      #expect(job.look(Double(minute) / 60) == [])
    }
    #expect(job.look(1) == ["still_failing"])
    #expect(job.last?.count == 51)
    #expect(job.last?.since == Self.at(0))
    #expect(job.look(5.9) == [])
    #expect(job.look(6) == ["still_failing"])
    #expect(job.look(29) == [])
    #expect(job.look(30) == ["still_failing"])
    #expect(job.look(53) == [])
    #expect(job.look(54.5) == ["still_failing"])
    #expect(job.last?.thread == 12)
    job.complete(60)
    #expect(job.look(60) == ["recovered"])
    #expect(job.look(61) == [])
  }

  @Test func `is told once by who looks late`() {
    var job = Looker()
    job.standing.isExpected = true
    job.fail(0)
    #expect(job.look(0) == ["failed"])
    #expect(job.look(9) == ["still_failing"])
    #expect(job.look(10) == [])
  }

  @Test func `is no reminder of what was run once and is expected of nobody`() {
    var job = Looker()
    job.fail(0)
    #expect(job.look(0) == ["failed"])
    #expect(job.look(2) == [])
    #expect(job.look(30) == [])
    job.fail(31)
    #expect(job.look(31) == ["still_failing"])
  }

  @Test func `is both where it failed and was well again before anybody looked`() {
    var job = Looker()
    job.fail(0)
    job.fail(0.1)
    job.complete(0.2)
    #expect(job.look(0.3) == ["failed", "recovered"])
    #expect(job.look(7) == [])
  }

  @Test func `is one thread while the job flaps, and that it is well when it has been so for long`()
  {
    var job = Looker()
    job.fail(0)
    #expect(job.look(0) == ["failed"])
    job.complete(0.1)
    #expect(job.look(0.1) == ["recovered"])
    var told: [String] = []
    for minute in 10...240 {
      let hour = Double(minute) / 60
      if minute.isMultiple(of: 2) { job.fail(hour) } else { job.complete(hour) }
      told += job.look(hour)
    }
    #expect(told == ["failing_again", "still_failing"])
    #expect(job.last?.thread == 11)
    job.complete(4.2)
    #expect(job.look(4.2) == [])
    #expect(job.look(9.9) == [])
    #expect(job.look(10.1) == ["recovered"])
    #expect(job.look(10.2) == [])
    job.fail(17)
    #expect(job.look(17) == ["failed"])
    #expect(job.last?.thread != 11)
  }

  @Test func `is each sort of trouble in its thread`() {
    var job = Looker()
    job.standing.isExpected = true
    job.miss(0)
    #expect(job.look(0) == ["missed"])
    job.miss(0.5)
    #expect(job.look(0.5) == [])
    job.fail(0.6)
    #expect(job.look(0.6) == ["failed"])
    job.fail(0.7, .lost)
    #expect(job.look(0.7) == ["lost"])
    #expect(job.last?.thread == 11)
    #expect(job.last?.told.map(\.kind) == [.missed, .failed, .lost])
    job.complete(0.8)
    #expect(job.look(0.8) == ["recovered"])
  }

  @Test func `is well only behind what was wrong`() {
    var job = Looker()
    job.miss(0)
    #expect(job.look(0) == ["missed"])
    // A run goes on: nothing is missing any more, and nothing has completed.
    job.standing.missed = 0
    #expect(job.look(0.1) == [])
    job.complete(0.2)
    #expect(job.look(0.2) == ["recovered"])
  }

  @Test func `is again after a while what passes by itself, and never that it is well`() {
    var job = Looker()
    job.fail(0, .late)
    #expect(job.look(0) == ["late"])
    job.fail(0.5, .late)
    #expect(job.look(0.5) == [])
    job.complete(0.6)
    #expect(job.look(0.6) == [])
    job.fail(1, .late)
    #expect(job.look(1) == ["late"])
    job.fail(5, .late)
    #expect(job.look(5) == [])
    job.fail(6, .late)
    #expect(job.look(6) == ["late"])
    #expect(job.last?.told.map(\.times) == [3])
    job.fail(40, .late)
    #expect(job.look(40) == ["late"])
    #expect(job.last?.told.map(\.times) == [1])
  }
}
