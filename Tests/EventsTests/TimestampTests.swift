import Events
import Glibc
import TestSupport
import Testing

@Suite("A timestamp")
struct TimestampTests {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000000Z"), (123, "1970-01-01T00:00:00.000123Z"),
      (-1, "1969-12-31T23:59:59.999999Z"), (-1_000_000, "1969-12-31T23:59:59.000000Z"),
      (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
      (951_868_800_000_000, "2000-03-01T00:00:00.000000Z"),
      (1_709_251_199_999_999, "2024-02-29T23:59:59.999999Z"),
      (1_709_251_200_000_000, "2024-03-01T00:00:00.000000Z"),
      (1_795_357_800_000_123, "2026-11-22T14:30:00.000123Z"),
      (4_107_542_399_000_000, "2100-02-28T23:59:59.000000Z"),
      (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
      (4_102_444_799_000_000, "2099-12-31T23:59:59.000000Z"),
      (-2_208_988_800_000_000, "1900-01-01T00:00:00.000000Z"),
      (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
      (-62_135_596_800_000_000, "0001-01-01T00:00:00.000000Z"),
    ] as [(WallTime, String)])
  func `is UTC with microseconds`(time: WallTime, expected: String) {
    #expect(Timestamp.rfc3339(time) == expected)
  }

  @Test func `is what the C library says of every day from 1890 to 2110`() {
    for day in stride(from: -29_219, to: 51_134, by: 1) {
      var second = time_t(day * 86_400 + 45_296)
      var fields = tm()
      gmtime_r(&second, &fields)
      var text = [CChar](repeating: 0, count: 32)
      let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &fields)
      let expected = String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let stamp = Timestamp.rfc3339(.epoch + Int64(second) * 1_000_000 + 7)
      guard stamp == expected + ".000007Z" else {
        Issue.record("\(stamp) is \(expected)")
        return
      }
    }
  }
}
