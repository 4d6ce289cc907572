import Events
import Glibc
import TestSupport
import Testing

@testable import Presentation

@Suite("Times, durations and sizes")
struct TimeFormatTests {
  @Test func `of the clock are local, with milliseconds that are cut`() async {
    #expect(TimeFormat.local(nil) == "N/A")
    #expect(TimeFormat.local(WallTime(microseconds: .max)) != "")
    // A process of its own, because setenv(3) is not safe beside other threads.
    await #expect(processExitsWith: .success) {
      setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1)
      tzset()
      for (time, expected) in [
        (0, "1970-01-01 01:00:00.000"),
        (-1, "1970-01-01 00:59:59.999"),
        (1_795_357_800_815_999, "2026-11-22 15:30:00.815"),
        // The second before the clocks are set forward, and the next one.
        (1_774_745_999_999_999, "2026-03-29 01:59:59.999"),
        (1_774_746_000_000_000, "2026-03-29 03:00:00.000"),
        // Set back.
        (1_792_889_999_000_000, "2026-10-25 02:59:59.000"),
        (1_792_890_000_000_000, "2026-10-25 02:00:00.000"),
      ] as [(WallTime, String)] {
        #expect(TimeFormat.local(time) == expected)
      }
    }
  }

  @Test(
    arguments: [
      (nil, "N/A"), (0, "00:00:00.000"), (-5_000_000, "00:00:00.000"), (999, "00:00:00.000"),
      (3_250_999, "00:00:03.250"), (86_399_999_999, "23:59:59.999"),
      (93_784_567_000, "1 day, 02:03:04.567"), (172_800_000_000, "2 days, 00:00:00.000"),
    ] as [(Int64?, String)])
  func `that have elapsed`(microseconds: Int64?, expected: String) {
    #expect(TimeFormat.elapsed(microseconds) == expected)
  }

  @Test(
    arguments: [
      (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"),
      (1_048_524, "1023.9 KiB"), (1_048_575, "1.0 MiB"), (1_572_864, "1.5 MiB"),
      (3 << 30, "3.0 GiB"), (5 << 40, "5.0 TiB"), (1 << 50, "1.0 PiB"), (.max, "8.0 EiB"),
    ] as [(Int64, String)])
  func `in bytes`(count: Int64, expected: String) {
    #expect(TimeFormat.bytes(count) == expected)
  }
}
