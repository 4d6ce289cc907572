import Events
import TestSupport
import Testing

@testable import Settings

@Suite("Durations")
struct DurationTextTests {
  @Test(
    arguments: [
      ("0", 0), ("0s", 0), ("90", 90_000_000), ("0.25", 250_000), ("0,25", 250_000),
      ("7us", 7), ("500ms", 500_000), ("0.5ms", 500), ("90s", 90_000_000), ("5m", 300_000_000),
      ("1h", 3_600_000_000), ("2d", 172_800_000_000), ("1w", 604_800_000_000),
      ("1h30m", 5_400_000_000), ("1.5h", 5_400_000_000), ("1w2d3h4m5s6ms7us", 788_645_006_007),
      ("1m0.5s", 60_500_000), ("007s", 7_000_000),
      ("10 minutes", 600_000_000), ("1 day", 86_400_000_000), ("1 hour 30 minutes", 5_400_000_000),
      ("5 m", 300_000_000), ("2hrs", 7_200_000_000), ("90 sec", 90_000_000),
      ("3 weeks", 1_814_400_000_000),
      ("20ms", 20_000), ("20 msecs", 20_000), ("1day2hours", 93_600_000_000),
      ("PT1H30M", 5_400_000_000), ("P2DT3H", 183_600_000_000), ("P1W", 604_800_000_000),
      ("PT0.5S", 500_000), ("PT1,5H", 5_400_000_000), ("P1DT1M", 86_460_000_000), ("PT0S", 0),
      // No binary fraction: 0.1 hours are exactly 6 minutes.
      ("0.1h", 360_000_000),
      ("0.0000019s", 1), ("1.00000000000000000000000001s", 1_000_000),
      ("9223372036854775807us", Int64.max),
    ] as [(String, Int64)])
  func `are read in every accepted form`(text: String, microseconds: Int64) throws {
    try expect(DurationText.microseconds(text), is: microseconds)
  }

  @Test(arguments: [
    ("", "it is empty"),
    ("-5s", "a duration is not negative"),
    ("-PT5S", "a duration is not negative"),
    ("5x", "there is no unit \"x\""),
    ("1M", "there is no unit \"M\""),
    ("1e3", "there is no unit \"e\""),
    ("5 ", "there is no unit \" \""),
    ("5 fortnights", "there is no unit \" fortnights\""),
    ("5 hs", "there is no unit \" hs\""),
    ("1 minute 2 hours", "units go from the largest to the smallest, each once"),
    ("5\nm", #"there is no unit "\nm""#),
    ("h", "a number is expected instead of \"h\""),
    ("soon", "a number is expected instead of \"soon\""),
    (".5s", "a number is expected instead of \".5s\""),
    ("+5s", "a number is expected instead of \"+5s\""),
    ("٣s", "a number is expected instead of \"٣s\""),
    ("1.s", "a digit is expected after the decimal point"),
    ("1h30", "its last number has no unit"),
    ("30m1h", "units go from the largest to the smallest, each once"),
    ("1h1h", "units go from the largest to the smallest, each once"),
    ("9223372036854775808us", "it is longer than 292,271 years"),
    ("99999999999999999999", "it is longer than 292,271 years"),
    ("15250285w", "it is longer than 292,271 years"),
    ("P", "a number is expected instead of the end"),
    ("PT", "a number is expected instead of the end"),
    ("P1DT", "a number is expected instead of the end"),
    ("P1Y", "years and months have no fixed length (minutes come after a T)"),
    ("P2M", "years and months have no fixed length (minutes come after a T)"),
    ("P1H", "its units are W, D, T, H, M, S in this order, each once"),
    ("P1D2W", "its units are W, D, T, H, M, S in this order, each once"),
    ("PT1M1H", "its units are W, D, T, H, M, S in this order, each once"),
    ("PT5", "its units are W, D, T, H, M, S in this order, each once"),
  ])
  func `are refused with the reason`(text: String, reason: String) {
    let error = #expect(throws: SettingError.self) { try DurationText.microseconds(text) }
    #expect(error?.text == text)
    #expect(error?.reason == reason)
    #expect(error?.remedy == DurationText.accepted)
  }

  @Test(
    arguments: [
      (0, "0s"), (1, "1us"), (999, "999us"), (1000, "1ms"), (1500, "1.5ms"), (1001, "1.001ms"),
      (250_000, "250ms"), (1_000_000, "1s"), (1_500_000, "1.5s"), (1_000_001, "1.000001s"),
      (60_000_000, "1m"), (60_500_000, "1m500ms"), (90_000_000, "1m30s"),
      (5_400_000_000, "1h30m"), (86_400_000_000, "1d"), (604_800_000_000, "1w"),
      (691_200_000_000, "8d"), (1_209_600_000_000, "2w"), (-90_000_000, "-1m30s"),
    ] as [(Int64, String)])
  func `are described in the shortest exact form`(microseconds: Int64, text: String) throws {
    #expect(DurationText.exact(microseconds) == text)
    if microseconds >= 0 { try expect(DurationText.microseconds(text), is: microseconds) }
  }

  @Test func `at the ends of the range are described too`() throws {
    let longest = DurationText.exact(.max)
    #expect(longest == "106751991d4h54.775807s")
    try expect(DurationText.microseconds(longest), is: .max)
    #expect(DurationText.exact(.min) == "-106751991d4h54.775808s")
  }
}

@Suite("The error of a setting")
struct SettingErrorTests {
  @Test func `names the option, the text, the reason and the remedy in one line`() {
    let error = SettingError(
      text: "x\n\u{1b}[31my\u{202e}\"ä", reason: "it is not a number", remedy: "give one")
    #expect(
      error.about("--limit").description
        == #"--limit "x\n\u{1b}[31my\u{202e}"ä": it is not a number; give one"#)
    #expect(error.description.hasPrefix("\"x"))
  }
}
