internal import Events
import Testing

@testable import Presentation

@Suite("Progress and warnings as text")
struct ProgressTextTests {
  @Test(
    arguments: [
      (nil, nil, "", ""), ("row 3", nil, "row 3", "row 3"),
      ("at 2/8", Progress(percent: 25), "[##        ] 25% at 2/8", "25% at 2/8"),
      ("25%", Progress(percent: 25), "[##        ] 25%", "25%"),
      ("at 25%", Progress(percent: 25), "[##        ] 25% at 25%", "at 25%"),
      (nil, Progress(percent: 0), "[          ] 0%", "0%"),
      ("x", Progress(percent: 99.99), "[######### ] 99% x", "99% x"),
      ("x", Progress(percent: 100), "[##########] 100% x", "100% x"),
      ("x", Progress(percent: 1e300), "[##########] 100% x", "100% x"),
      ("x", Progress(percent: -5), "[          ] 0% x", "0% x"),
      ("x", Progress(done: 7), "x", "x"),
    ] as [(String?, Progress?, String, String)])
  func `stands before the status`(line: String?, progress: Progress?, bar: String, plain: String) {
    #expect(ProgressText.status(line, progress, drawsBar: true) == bar)
    #expect(ProgressText.status(line, progress, drawsBar: false) == plain)
  }

  @Test func `of a number that is none is not known`() {
    #expect(Progress(done: .infinity, total: .infinity) == nil)
    #expect(Progress(done: 1e308, total: 1e-308)?.percent == nil)
    #expect(Progress(done: 1, total: 0)?.percent == nil)
  }

  @Test(
    arguments: [
      (Progress(done: 25, total: 100), "25 of 100, 25%"), (Progress(done: 7), "7"),
      (Progress(total: 1.5), "of 1.5"), (Progress(percent: 12.7), "12%"),
    ] as [(Progress?, String)])
  func `is told at length`(progress: Progress?, expected: String) {
    #expect(progress.flatMap(ProgressText.long) == expected)
  }

  @Test(arguments: [
    (Warning(kind: .time, text: "10s", count: 1), "time 10s", "time 10s"),
    (
      Warning(kind: .output, text: "x+", count: 3, last: "xx"), "x+: 3",
      "output x+, 3 times, last: xx"
    ),
    (
      Warning(kind: .output, text: "x+", count: 0, unmatchedBytes: 2048), "x+: 0",
      "output x+, never, 2.0 KiB not looked at"
    ),
    (Warning(kind: .silence, text: "5s", count: 1), "silence 5s: 1", "silence 5s, once"),
  ])
  func `names what a warning is about`(warning: Warning, short: String, long: String) {
    #expect(WarningText.short(warning) == short)
    #expect(WarningText.long(warning) == long)
  }
}
