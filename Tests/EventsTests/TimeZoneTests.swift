import Events
import TestSupport
import Testing

@Suite struct `A zone` {
  @Test(arguments: ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"])
  func `has the offsets of the C library`(name: String) throws {
    let zone = try #require(TimeZone.named(name))
    let seconds = Array(stride(from: -2_000_000_000, to: 4_000_000_000, by: 39_999_937))
    // Another process: this one's $TZ is everybody's.
    let date = try ChildProcess("env", ["TZ=\(name)", "date", "-f", "-", "+%z"])
    for second in seconds { try date.send("@\(second)") }
    date.closeInput()
    let offsets = try date.readAll().split(separator: "\n")
    try #require(offsets.count == seconds.count)
    for (second, text) in zip(seconds, offsets) {
      #expect(text == Self.text(zone.offset(at: second)), "\(name) \(second)")
    }
  }

  /// `+0100`; of seconds, which a place had before there were zones, nothing.
  private static func text(_ offset: Int) -> String {
    let minutes = abs(offset) / 60
    let digits = String(10_000 + minutes / 60 * 100 + minutes % 60).dropFirst()
    return (offset < 0 ? "-" : "+") + digits
  }

  @Test func `shows a second once, twice or never`() throws {
    let berlin = try #require(TimeZone.named("Europe/Berlin"))
    func local(_ month: Int, _ day: Int, _ hour: Int) -> Int {
      CivilDate(year: 2026, month: month, day: day).daysSince1970 * 86_400 + hour * 3600
    }
    #expect(berlin.seconds(showing: local(3, 29, 1)) == [local(3, 29, 0)])
    #expect(berlin.seconds(showing: local(3, 29, 2)) == [])
    #expect(berlin.seconds(showing: local(3, 29, 3)) == [local(3, 29, 1)])
    #expect(berlin.seconds(showing: local(10, 25, 2)) == [local(10, 25, 0), local(10, 25, 1)])
    #expect(berlin.seconds(showing: local(10, 25, 3)) == [local(10, 25, 2)])
    #expect(TimeZone.utc.seconds(showing: 5) == [5])
  }

  @Test(arguments: ["Europe/Berlin", "America/Havana", "Asia/Tokyo", "Africa/Casablanca"])
  func `goes on from stretch to stretch without a gap, far into the future`(name: String) throws {
    let zone = try #require(TimeZone.named(name))
    var segment = zone.segment(at: -10_000_000_000)
    while segment.end < 20_000_000_000 {
      let next = zone.segment(at: segment.end)
      #expect(next.start == segment.end)
      #expect(next.offsetBefore == segment.offset)
      #expect(zone.segment(at: segment.end - 1) == segment)
      segment = next
    }
  }

  @Test(arguments: [
    "", "/etc/passwd", "../localtime", "Europe/../Europe/Berlin", "Europe", "Nowhere/Never",
    "zone.tab", "a\0b", ".",
  ])
  func `is not had by a name that is none`(name: String) {
    #expect(TimeZone.named(name) == nil)
  }

  @Test func `is not made of a damaged file`() throws {
    let path = "/usr/share/zoneinfo/Europe/Berlin"
    let bytes = try Files.contents(path)
    try #require(TimeZone(file: bytes) != nil)
    var generator = SeededGenerator(for: "damaged zones")
    for _ in 0..<2000 {
      var damaged = bytes
      for _ in 0..<3 {
        damaged[Int.random(in: damaged.indices, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      damaged.removeLast(Int.random(in: 0..<damaged.count, using: &generator) / 2)
      guard let zone = TimeZone(file: damaged) else { continue }
      for second in [-4_000_000_000, 0, 1_800_000_000, 9_000_000_000] {
        _ = zone.seconds(showing: second)
      }
    }
  }
}
