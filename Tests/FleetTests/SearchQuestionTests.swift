import Events
import TestSupport
import Testing

@testable import Fleet

/// A search, in words for the program and in a request to a server.
@Suite struct SearchQuestionTests {
  private func words(_ asking: Asking) -> [String] {
    asking.arguments.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func `says all that is asked for`() {
    var search = Asking.Search("-a b&")
    (search.isLiteral, search.ignoresCase, search.isInverted) = (true, true, true)
    (search.before, search.after, search.maximum, search.stream) = (1, 2, 3, .stderr)
    var history = Asking.History()
    history.patterns = ["x*"]
    history.states = [.failed]
    let asking = Asking.search(search, history)
    #expect(
      words(asking) == [
        "grep", "--format", "jsonl", "--fixed-strings", "--ignore-case", "--invert-match",
        "--max-count", "3", "--before-context", "1", "--after-context", "2", "--stderr",
        "--state=failed", "--", "-a b&", "x*",
      ])
    #expect(
      asking.http.steps.map(\.target) == [
        "/grep?regex=-a%20b%26&fixed&ignore_case&invert&max_count=3&lines_before=1&lines_after=2"
          + "&stream=stderr&match=x%2A&state=FAILED&limit=10000"
      ])
    #expect(asking.form == .documents && !asking.isEndless)
  }

  @Test func `asks a server for a number of lines where which runs is meant`() {
    var search = Asking.Search("a")
    search.wanted = .names
    let asking = Asking.search(search, Asking.History())
    #expect(words(asking) == ["grep", "--format", "jsonl", "--list", "--", "a"])
    #expect(asking.http.steps.map(\.target) == ["/grep?regex=a&count&max_count=1&limit=10000"])
  }

  @Test func `has every filter of runs for a server too`() {
    var history = Asking.History()
    history.longerThan = 1_000_000
    (history.reason, history.user, history.executionGroup) = ("no space", "ann", "g")
    (history.params, history.exitCodes) = (["a=b"], [3, 1])
    expect(
      Asking.search(Asking.Search("a"), history).http.steps.map(\.target),
      is: [
        "/grep?regex=a&reason=no%20space&longer=1000ms&param=a%3Db&user=ann&execution_group=g"
          + "&exit_code=1&exit_code=3&limit=10000"
      ])
  }
}
