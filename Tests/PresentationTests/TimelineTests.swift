import Documents
import Events
import TestSupport
import Testing

@testable import Presentation

@Suite("A timeline") struct TimelineTests {
  private static func at(_ minute: Int64) -> WallTime {
    WallTime(microseconds: minute * 60_000_000)
  }

  private func run(
    _ created: Int64, _ started: Int64?, _ ended: Int64?, _ state: InstanceState = .completed
  ) -> TimelineDocument {
    var run = TimelineDocument(
      job: "job", instance: InstanceID(createdAt: 1), state: state, createdAt: Self.at(created)
    )
    run.startedAt = started.map(Self.at)
    run.endedAt = ended.map(Self.at)
    return run
  }

  /// Ten places of a minute each, from minute 10 on.
  private func lane(_ runs: TimelineDocument...) -> String {
    let scale = TimelineScale(Self.at(10)..<Self.at(20), places: 10)
    var lane = TimelineLane("job", scale, now: Self.at(20))
    for run in runs { lane.add(run) }
    return lane.text(.plain, isUTF8: false).text
  }

  @Test func `shows waiting and running apart`() {
    #expect(lane(run(10, 10, 13)) == "===")
    #expect(lane(run(11, 13, 15)) == " ..==")
    #expect(lane(run(1, 1, 12)) == "==")
    #expect(lane(run(18, 18, nil, .running)) == "        ==")
    #expect(lane(run(17, nil, nil, .pending)) == "       ...")
    #expect(lane(run(12, nil, 12, .skipped)) == "  ,")
    #expect(lane(run(1, 1, 2)) == "")
    #expect(lane(run(30, 30, 31)) == "")
  }

  @Test func `shows failures, and how many ran at once`() {
    #expect(lane(run(10, 10, 12, .failed), run(14, 14, 16, .stopped)) == "XX  --")
    #expect(lane(run(10, 10, 16), run(12, 12, 14), run(13, 13, 18)) == "==2322==")
    // One after the other is not at once.
    #expect(lane(run(10, 10, 12), run(12, 12, 14)) == "====")
    let many = (0..<12).map { _ in run(10, 10, 12) }
    let scale = TimelineScale(Self.at(10)..<Self.at(20), places: 10)
    var crowd = TimelineLane("job", scale, now: .epoch)
    for run in many { crowd.add(run) }
    #expect(crowd.text(.plain, isUTF8: false).text == "++")
    #expect(crowd.text(.colored, isUTF8: true).text == "\u{1b}[34m++\u{1b}[0m")
  }

  @Test func `has a ruler of whole times`() {
    let day = TimelineScale(.epoch..<Self.at(24 * 60), places: 96)
    #expect(
      day.ticks(apart: 12, offset: 0).map(\.at.microseconds)
        == (0..<8).map { $0 * 3 * 3_600_000_000 })
    let east = day.ticks(apart: 12, offset: 5_400_000_000).map(\.at.microseconds)
    #expect(east.first == 5_400_000_000)
    let short = TimelineScale(.epoch..<Self.at(1), places: 60)
    #expect(
      short.ticks(apart: 12, offset: 0).map(\.at.microseconds) == [
        0, 15_000_000, 30_000_000, 45_000_000,
      ])
    #expect(
      TimelineScale(.epoch..<WallTime(microseconds: 1), places: 10).ticks(apart: 5, offset: 0).count
        == 1)
    #expect(
      TimelineScale(WallTime(microseconds: .min / 4)..<WallTime(microseconds: .max / 4), places: 10)
        .ticks(apart: 5, offset: 0).count < 1000)
  }

  @Test func `as a picture has nothing in it but text`() {
    var picture = TimelineSVG(.epoch..<Self.at(100), now: Self.at(100))
    var text = picture.beginning(rows: [1], offset: 0).text
    text += picture.lane("<script>&\"\u{1b}", rows: 1).text
    var run = run(10, 20, 30, .failed)
    run.reason = "</title><script>"
    run.warnings = [Self.at(25)]
    text += picture.run(run, row: 0, of: 1).text + TimelineSVG.ending.text
    #expect(!text.contains("<script"))
    #expect(!text.contains("\u{1b}"))
    #expect(text.contains("&lt;script&gt;&amp;&quot;\\u{1b}"))
    #expect(
      text.contains("<rect class=\"w\" x=\"340\"") && text.contains("<rect class=\"f\" x=\"460\""))
    #expect(text.contains("<line class=\"k\""))
  }

  @Test func `as a picture has a row for each that is there at once`() {
    var rows = TimelineSVG.Rows()
    #expect(rows.place(from: Self.at(0), to: Self.at(10)) == 0)
    #expect(rows.place(from: Self.at(5), to: Self.at(7)) == 1)
    #expect(rows.place(from: Self.at(7), to: Self.at(9)) == 1)
    #expect(rows.place(from: Self.at(8), to: Self.at(9)) == 2)
    #expect(rows.place(from: Self.at(10), to: Self.at(11)) == 0)
    #expect(rows.count == 3)
    for _ in 0..<100 { _ = rows.place(from: Self.at(10), to: Self.at(20)) }
    #expect(rows.count == 40)
  }
}
