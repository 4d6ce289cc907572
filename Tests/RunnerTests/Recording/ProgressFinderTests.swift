internal import Events
import Matching
import Testing

@testable import Runner

@Suite("Progress")
struct ProgressFinderTests {
  @Test(
    arguments: [
      ("25/100", Progress(done: 25, total: 100, percent: 25)),
      ("copied 1 of 3 files", Progress(done: 1, total: 3, percent: 33.33)),
      ("25%", Progress(percent: 25)), ("25.5 %", Progress(percent: 25.5)),
      ("[26/68] Write sources", Progress(done: 26, total: 68, percent: 38.24)),
      ("(3/10): next", Progress(done: 3, total: 10, percent: 30)),
      ("Progress:  7 / 9.", Progress(done: 7, total: 9, percent: 77.78)),
      ("done:100%", Progress(percent: 100)), ("0%", Progress(percent: 0)),
      (
        " 25%|##5       | 25/100 [00:01<00:03, 25.0it/s]",
        Progress(done: 25, total: 100, percent: 25)
      ),
      ("1,234,567  45%  1.2MB/s 0:00:10 (xfr#3, to-chk=5/10)", Progress(percent: 45)),
      ("1.5/3.0 GB", Progress(done: 1.5, total: 3, percent: 50)),
      ("2026/11/23 10:15:00 5/10", Progress(done: 5, total: 10, percent: 50)),
      ("täglich 5/10 ✓", Progress(done: 5, total: 10, percent: 50)),
    ] as [(String, Progress?)])
  func `is recognised`(line: String, expected: Progress?) {
    #expect(expected != nil)
    #expect(ProgressFinder(nil).progress(in: line) == expected)
  }

  @Test(arguments: [
    "", "row 3", "2026/11/23", "1/2/3", "23/11/2026", "version 1.2.3/4", "v1/2", "10.0.0.0/8",
    "/srv/1/2", "HTTP/1.1 200", "24/7", "12:25/100", "-25%", "150%", "25%d", "5/0", "5 / ",
    "5 of", "one of 100", "12:30:05", "a5%", "1/2a", "3/4%", "25 office 100", "+3/4",
    "1-2/3", "5/", "%",
  ])
  func `is not seen where there is none`(line: String) {
    #expect(ProgressFinder(nil).progress(in: line) == nil)
  }

  @Test(
    arguments: [
      (#"(\d+) rows of (\d+)"#, "25 rows of 50", Progress(done: 25, total: 50)),
      (#"at (\d+)"#, "at 12", Progress(percent: 12)), (#"at (\d+)"#, "in 12", nil),
      (#"(?<total>\d+) in all, (?<done>\d+)"#, "4 in all, 1", Progress(done: 1, total: 4)),
      (#"(?<done>\d+)"#, "7 rows", Progress(done: 7)),
      (#"(?<percent>[\d.]+)pc"#, "12.5pc", Progress(percent: 12.5)),
      (#"(\S+)/(\d+)"#, "x/10", Progress(total: 10)), (#"(\S+)"#, "1e5", nil),
      (#"(\d+)"#, "400", Progress(percent: 100)), (#"(x)?(\d+)%"#, "25%", Progress(total: 25)),
    ] as [(String, String, Progress?)])
  func `is what a pattern says`(pattern: String, line: String, expected: Progress?) throws {
    let finder = ProgressFinder(try RegularExpression(pattern))
    #expect(finder.progress(in: line) == expected)
  }
}
