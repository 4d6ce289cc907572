import Events
import TestSupport
import Testing

@testable import Presentation

@Suite("Keys of a replay") struct ReplayKeysTests {
  private func commands(_ text: String) -> [ReplayKeys.Command] {
    var keys = ReplayKeys()
    return keys.take(Array(text.utf8))
  }

  @Test func `are commands`() {
    #expect(
      commands(" .+-neq") == [.pause, .step, .faster, .slower, .nextHit, .nextError, .quit])
    #expect(commands("\u{1b}[C\u{1b}OD.") == [.seek(seconds: 5), .seek(seconds: -5), .step])
    #expect(commands("\u{1b}x.") == [.step])
    #expect(commands("\u{1b}q") == [.quit])
    #expect(commands("\u{1b}\u{1b}[C\u{1b}\u{1b} ") == [.seek(seconds: 5), .pause])
    #expect(commands("\u{1b}[A.") == [.step])
    #expect(commands("z") == [])
  }

  @Test func `are the expression while it is typed`() {
    var keys = ReplayKeys()
    #expect(keys.take(Array("/a q".utf8)).allSatisfy { $0 == .typing })
    #expect(keys.prompt == "a q")
    #expect(keys.take(Array("ä\u{7f}\u{7f}".utf8)).last == .typing)
    #expect(keys.prompt == "a ")
    #expect(keys.take(Array("\r".utf8)) == [.search("a ")])
    #expect(keys.prompt == nil)
    #expect(commands("/ab\u{1b} ") == [.typing, .typing, .typing, .typing, .pause])
    #expect(commands("/\n") == [.typing, .typing])
  }
}

@Suite("The screen of a replay") struct ReplayScreenTests {
  private func lines(_ screen: ReplayScreen) -> [String] {
    let frame = screen.frame(status: "status").text
    return frame.replacing("\u{1b}[H", with: "").replacing("\u{1b}[K", with: "")
      .split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
  }

  private func feed(_ screen: inout ReplayScreen, _ text: String, _ stream: OutputStream = .stdout)
  {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty { rest = rest.dropFirst(screen.take(rest, stream).count) }
  }

  @Test func `has the last lines, and those that have not ended below them`() {
    var screen = ReplayScreen(rows: 5, columns: 20, .plain)
    feed(&screen, "one\ntwo\nth")
    feed(&screen, "err", .stderr)
    feed(&screen, "ree\nfour")
    let shown = lines(screen)
    #expect(shown.prefix(4) == ["two", "three", "four", "err"])
    #expect(shown.last?.contains("\u{1b}[5;1H\u{1b}[7mstatus\u{1b}[0m") == true)
  }

  @Test func `has what is written over a line, and cuts what is too long`() {
    var screen = ReplayScreen(rows: 9, columns: 8, .plain)
    feed(&screen, "10%\r20%\r")
    #expect(lines(screen).first == "20%")
    feed(&screen, "30%\nx\r\nwide enough\n")
    #expect(lines(screen).prefix(3) == ["30%", "x", "wide e.."])
    feed(&screen, String(repeating: "y", count: 100_000))
    #expect(lines(screen).count == 5)
  }

  @Test func `lets nothing steer the terminal`() {
    var screen = ReplayScreen(rows: 9, columns: 40, .plain)
    feed(&screen, "a\u{1b}[2Jb\u{202e}\n")
    screen.take(event: "x\u{7}")
    #expect(lines(screen).prefix(2) == ["a\\u{1b}[2Jb\\u{202e}", "x\\u{7}"])
    let frame = screen.frame(status: "s\u{1b}]0;x").text
    #expect(!frame.contains("\u{1b}]"))
  }

  @Test func `tells where it is`() {
    var status = ReplayStatus(name: "a@b")
    (status.position, status.length, status.speed) = (61_000_000, 122_000_000, 0.5)
    #expect(status.text.hasPrefix(" plays 00:01:01.000 of 00:02:02.000 50% 1/2x | "))
    status.isPaused = true
    #expect(status.text.hasPrefix(" paused "))
    status.prompt = "err"
    #expect(status.text == "/err_")
  }
}
