import Events
import TestSupport
import Testing

@Suite struct `A difference of times` {
  @Test func `is microseconds, of either sign`() {
    #expect(WallTime(5) - WallTime(3) == 2)
    #expect(WallTime(3) - WallTime(5) == -2)
    #expect(BootTime(1_000_000) - BootTime(1) == 999_999)
    #expect(MonotonicTime(microseconds: -4) - MonotonicTime(microseconds: 4) == -8)
  }

  @Test(arguments: [
    (Int64.max, Int64.min, Int64.max), (.min, .max, .min), (.max, -1, .max), (.min, 1, .min),
    (0, .min, .max), (-1, .min, .max), (.max, .max, 0), (.min, .min, 0),
  ])
  func `stops at the ends of Int64`(later: Int64, earlier: Int64, difference: Int64) {
    #expect(WallTime(later) - WallTime(earlier) == difference)
    #expect(BootTime(later) - BootTime(earlier) == difference)
    #expect(
      MonotonicTime(microseconds: later) - MonotonicTime(microseconds: earlier) == difference)
  }
}

@Suite struct `A time, moved by microseconds,` {
  @Test func `is later or earlier`() {
    #expect(WallTime(7) + 3 == WallTime(10))
    #expect(WallTime(7) - Int64(10) == WallTime(-3))
    #expect(BootTime(7) + -8 == BootTime(-1))
    #expect(WallTime.epoch + 1 > .epoch)
    #expect(BootTime.boot - Int64(1) < .boot)
  }

  @Test(arguments: [
    (Int64.max, Int64(1), Int64.max), (.max, .max, .max), (.min, -1, .min), (.min, .min, .min),
    (.max, .min, -1), (-1, .min, .min),
  ])
  func `stops at the ends of Int64`(start: Int64, by: Int64, end: Int64) {
    #expect(WallTime(start) + by == WallTime(end))
    #expect(BootTime(start) + by == BootTime(end))
    #expect(MonotonicTime(microseconds: start) + by == MonotonicTime(microseconds: end))
  }

  @Test(arguments: [
    (Int64.min, Int64(1), Int64.min), (.max, -1, .max), (0, .min, .max), (-1, .min, .max),
    (.min, .max, .min), (.max, .max, 0),
  ])
  func `backwards, stops there too`(start: Int64, by: Int64, end: Int64) {
    #expect(WallTime(start) - by == WallTime(end))
    #expect(BootTime(start) - by == BootTime(end))
    #expect(MonotonicTime(microseconds: start) - by == MonotonicTime(microseconds: end))
  }
}

@Suite struct `What a poll waits for a time` {
  @Test func `is nothing where it has come, and no more than a poll can wait`() {
    #expect((BootTime.now - Int64(5)).millisecondsLeft == 0)
    #expect((MonotonicTime.now - Int64(5)).millisecondsLeft == 0)
    #expect(BootTime(Int64.min).millisecondsLeft == 0)
    #expect(BootTime(Int64.max).millisecondsLeft == .max)
    #expect(MonotonicTime(microseconds: .max).millisecondsLeft == .max)
  }

  @Test func `is rounded up`() {
    let left = (BootTime.now + 60_000_001).millisecondsLeft
    #expect((1...60_001).contains(left))
    #expect((MonotonicTime.now + 1).millisecondsLeft <= 1)
  }
}

@Suite struct `A time in JSON` {
  @Test(arguments: [0, 1_795_357_800_000_123, -1, .max, .min] as [Int64])
  func `is its number of microseconds`(number: Int64) {
    #expect(JSON.microseconds(WallTime(number)) == .integer(number))
    #expect(JSON.microseconds(BootTime(number)) == .integer(number))
    #expect(JSON.integer(number).wallTime == WallTime(number))
    #expect(JSON.integer(number).bootTime == BootTime(number))
  }

  @Test func `is none where there is no number`() {
    #expect(JSON.string("1").wallTime == nil)
    #expect(JSON.null.bootTime == nil)
  }
}

@Suite struct `The clocks` {
  @Test func `go on`() {
    let (boot, monotonic) = (BootTime.now, MonotonicTime.now)
    #expect(BootTime.now >= boot)
    #expect(MonotonicTime.now >= monotonic)
    #expect(boot > .boot)
    #expect(WallTime.now > .epoch)
  }
}

@Suite struct `A position` {
  @Test func `is counted from another`() {
    #expect(Seq(7) - Seq(3) == 4)
    #expect(Seq.start - Seq(3) == -3)
    #expect(Seq.first - Seq.start == 1)
    #expect(Seq(7) + 3 == Seq(10))
    #expect(Seq(7) - Int64(3) == Seq(4))
    var seq = Seq.start
    seq += 1
    #expect(seq == .first)
    #expect(Seq(2) < Seq(10))
    #expect("\(Seq(10))" == "10")
  }

  @Test(arguments: [
    (Int64.max, Int64(1), Int64.max), (.max, .max, .max), (.min, -1, .min), (.max, .min, -1),
  ])
  func `stops at the ends of Int64`(start: Int64, by: Int64, end: Int64) {
    #expect(Seq(start) + by == Seq(end))
  }

  @Test func `is no number beyond them`() {
    #expect(Seq(Int64.max) - Seq(Int64.min) == .max)
    #expect(Seq(Int64.min) - Seq(Int64.max) == .min)
    #expect(Seq(Int64.min) - Int64(1) == Seq(Int64.min))
    #expect((Seq(Int64.min)...Seq.max).length == .max)
    #expect((Seq(3)...Seq(3)).length == 1)
  }

  @Test func `is a number in JSON`() {
    #expect(JSON.seq(Seq(7)) == .integer(7))
    #expect(JSON.integer(7).seq == Seq(7))
    #expect(JSON.string("7").seq == nil)
  }
}
