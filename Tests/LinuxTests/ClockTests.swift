import Linux
import Testing

@Suite struct ClockTests {
  @Test func `the clocks of an event never run backwards within a process`() {
    var boot = Clock.bootMicroseconds()
    var monotonic = Clock.monotonicMicroseconds()
    for _ in 0..<10_000 {
      let (nextBoot, nextMonotonic) = (Clock.bootMicroseconds(), Clock.monotonicMicroseconds())
      #expect(nextBoot >= boot)
      #expect(nextMonotonic >= monotonic)
      (boot, monotonic) = (nextBoot, nextMonotonic)
    }
  }

  @Test func `the wall clock counts microseconds since 1970`() {
    let year2020: Int64 = 1_577_836_800_000_000
    let year2200: Int64 = 7_258_118_400_000_000
    #expect((year2020..<year2200).contains(Clock.wallMicroseconds()))
  }
}
