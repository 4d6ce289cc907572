import Operations
import TestSupport
import Testing

@Suite("Lines of two runs")
struct LineKeyTests {
  private func key(_ line: String) -> UInt64 {
    Array(line.utf8).withUnsafeBytes { LineKey.normalized($0) }
  }

  @Test(arguments: [
    ("2026-11-23 04:16:00.918 start", "2026-12-01 14:06:10.001 start"),
    ("[2026-11-23T04:16:00Z] start", "[2026-11-24T05:16:00Z] start"),
    ("at 2026-11-23T04:16:00+02:00", "at 2025-01-03T04:16:59+01:00"), ("04:16 x", "05:17 x"),
    ("Nov 23 04:16:00 host cron", "Dec  1 14:16:00 host cron"), ("23.11.2026 x", "01.12.2026 x"),
    ("Sun Nov 23 04:16:00 2026", "Mon Dec  1 05:00:01 2026"), ("11/23/2026 x", "12/1/2026 x"),
    ("Mon, 23 Nov 2026 04:16:00 +0100", "Tue, 24 Nov 2026 04:16:01 +0000"),
    ("took 407 ms", "took 1.2 s"), ("in 3.2s", "in 15s"), ("after 1h30m", "after 4 min 10 s"),
    ("real 0m1.203s", "real 0m0.500s"), ("2 hours ago", "3 days ago"),
    ("id 123e4567-e89b-12d3-a456-426614174000", "id 00000000-1111-2222-3333-444444444444"),
    ("commit 9fceb02d0ae598e9", "commit 0a1b2c3d4e5f6071"),
    ("run 06h0d7hkjsz7a4h4", "run 06h0e5ef9hfkr3a1"),
    ("at 0x7ffee3b0c8d0", "at 0x55d4c0de1230"), ("pid 4102 ended", "pid 17 ended"),
    ("sshd[4102]: x", "sshd[977]: x"), ("pid=12", "pid=99001"),
    ("[   12.345678] usb", "[99999.000001] usb"),
    ("cp /tmp/tmp.aB3xYz/a", "cp /tmp/tmp.0Q_1rt/a"), ("/var/tmp/x1 gone", "/var/tmp/y2 gone"),
    ("at 1700000000", "at 1800000123"), ("20261123T041600Z x", "20261124T051600Z x"), ("x\r", "x"),
    ("log 20261123 done", "log 20261201 done"),
  ])
  func `are equal but for what is another in every run`(one: String, other: String) {
    #expect(key(one) == key(other))
  }

  @Test(arguments: [
    ("copied 25 files", "copied 26 files"), ("10.0.0.7", "10.0.0.9"), ("error", "Error"),
    ("exit code 1", "exit code 2"), ("/home/a", "/home/b"), ("v1.2.3", "v1.2.4"),
    ("5 mails", "6 mails"),
    ("100%", "50%"), ("took 3 s", "took 3 lines"), ("decade", "facade"), ("a b", "ab"), ("x", "x "),
    ("file 3 of 10", "file 4 of 10"), ("port 8080", "port 8081"), ("/tmp", "/tmp/x"),
    ("12.5 MB", "13.5 MB"),
    ("", " "), ("at 12:00", "at noon"), ("may 4", "may 5"), ("a[1]x", "b[1]x"),
  ])
  func `differ in everything else`(one: String, other: String) {
    #expect(key(one) != key(other))
  }

  @Test(arguments: [
    "milliseconds", "microseconds", "nanoseconds", "seconds", "second", "minutes", "minute",
    "hours",
    "hour", "days", "day", "secs", "sec", "mins", "min", "hrs", "hr", "ms", "us", "\u{b5}s", "ns",
    "s",
    "m", "h", "d",
  ])
  func `are equal whatever the unit of a time is`(unit: String) {
    #expect(key("took 4 \(unit)") == key("took 17 \(unit)"))
    #expect(key("took 4\(unit).") == key("took 17\(unit)."))
    #expect(key("took 4 \(unit)x") != key("took 17 \(unit)x"))
  }

  @Test(arguments: [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ])
  func `are equal whatever the month is`(month: String) {
    #expect(key("\(month) 3 04:16:00 x") == key("Nov 24 05:17:01 x"))
    #expect(key("3 \(month) 2025 x") == key("24 Nov 2026 x"))
  }

  @Test func `may have any bytes`() {
    var random = SeededGenerator(for: "LineKeyTests")
    let letters = Array("0123456789:.-/ TZxab[]+pidJanms\u{b5}".utf8) + [0xff, 0x80, 0, 9]
    for _ in 0..<20_000 {
      let line = (0..<Int.random(in: 0...30, using: &random)).map { _ in
        letters.randomElement(using: &random) ?? 0
      }
      line.withUnsafeBytes { #expect(LineKey.normalized($0) == LineKey.normalized($0)) }
    }
  }

  @Test func `have their differences in words`() {
    func marks(_ one: String, _ other: String, isExact: Bool = false) -> [String] {
      let (old, new) = (Array(one.utf8)[...], Array(other.utf8)[...])
      let found = WordDifference.marks(old, new, isExact: isExact)
      return found.old.map { String(decoding: old[$0], as: UTF8.self) }
        + found.new.map { String(decoding: new[$0], as: UTF8.self) }
    }
    #expect(marks("copied 25 files in 3 s", "copied 26 files in 9 s") == ["25", "26"])
    #expect(marks("in 3 s", "in 9 s", isExact: true) == ["3", "9"])
    #expect(marks("same", "same") == [])
    #expect(marks("täglich um 3", "nächtlich um 3") == ["täglich", "nächtlich"])
  }
}
