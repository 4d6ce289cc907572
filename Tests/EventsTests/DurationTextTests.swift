import Events
import TestSupport
import Testing

@Suite("A duration") struct DurationTextTests {
  @Test(
    arguments: [
      (0, "0 ms"), (99, "0.0 ms"), (450, "0.4 ms"), (12_999, "12 ms"), (999_999, "999 ms"),
      (1_000_000, "1.0 s"), (3_290_000, "3.2 s"), (59_999_999, "59.9 s"), (60_000_000, "1 min"),
      (250_000_000, "4 min 10 s"), (3_600_000_000, "1 h"), (7_500_000_000, "2 h 5 min"),
      (273_600_000_000, "3 d 4 h"), (86_400_000_000, "1 d"), (-12_000, "-12 ms"),
      (.min, "-106751991 d 4 h"),
    ] as [(Int64, String)])
  func `at a glance has its two largest units`(microseconds: Int64, expected: String) {
    #expect(DurationText.short(microseconds) == expected)
  }

  @Test(arguments: [(0, "+0 ms"), (12_000, "+12 ms"), (-3_200_000, "-3.2 s")])
  func `on a timeline carries a sign`(microseconds: Int64, expected: String) {
    #expect(DurationText.signed(microseconds) == expected)
  }

  @Test(
    arguments: [
      (-1, "00:00:00.000"), (3_250_999, "00:00:03.250"), (93_784_567_000, "1 day, 02:03:04.567"),
      (.max, "106751991 days, 04:00:54.775"),
    ] as [(Int64, String)])
  func `on a stopwatch has hours, minutes and seconds`(microseconds: Int64, expected: String) {
    #expect(DurationText.clock(microseconds) == expected)
  }
}
