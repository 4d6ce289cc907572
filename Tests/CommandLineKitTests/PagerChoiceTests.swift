import Testing

@testable import CommandLineKit

@Suite("The pager")
struct PagerChoiceTests {
  @Test(
    arguments: [
      ([:], ["less"]), (["PAGER": "more"], ["more"]),
      (["PAGER": "more", "TARO_PAGER": " less  -S\t-R "], ["less", "-S", "-R"]),
      (["PAGER": "more", "TARO_PAGER": ""], nil), (["TARO_PAGER": "  "], nil),
      (["PAGER": ""], nil), (["PAGER": "cat"], nil), (["PAGER": "cat -v"], ["cat", "-v"]),
    ] as [([String: String], [String]?)])
  func `is the person's own or less`(environment: [String: String], expected: [String]?) {
    let lookup = { (name: String) in environment[name] }
    #expect(
      PagerChoice.command(isTerminal: true, noPagerOption: false, environment: lookup)
        == expected)
    #expect(
      PagerChoice.command(isTerminal: false, noPagerOption: false, environment: lookup) == nil)
    #expect(
      PagerChoice.command(isTerminal: true, noPagerOption: true, environment: lookup) == nil)
  }

  @Test func `less keeps the options its user has set, even none`() {
    #expect(PagerChoice.lessOptions { _ in nil } == "FRX")
    #expect(PagerChoice.lessOptions { _ in "" } == nil)
  }
}
