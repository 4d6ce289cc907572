import Testing

@testable import CommandLineKit

@Suite struct HelpTextTests {
  @Test func `a long usage line is broken between its options`() {
    let text = "A\n\nUSAGE: taro x [<a> ...] [--bb <bb>] [--cc]\n\nUSAGES stay"
    #expect(
      HelpText.wrapped(text, columns: 24)
        == "A\n\nUSAGE: taro x [<a> ...]\n       [--bb <bb>]\n       [--cc]\n\nUSAGES stay")
  }
}
