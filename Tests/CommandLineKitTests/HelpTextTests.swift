import TestSupport
import Testing

@testable import CommandLineKit

@Suite struct HelpTextTests {
  @Test func `a long usage line is broken between its options`() {
    let text = "A\n\nUSAGE: taro x [<a> ...] [--bb <bb>] [--cc]\n\nUSAGES stay"
    #expect(
      HelpText.wrapped(text, columns: 24)
        == "A\n\nUSAGE: taro x [<a> ...]\n       [--bb <bb>]\n       [--cc]\n\nUSAGES stay")
  }

  private static let help = """
    USAGE: prog x [<options>]

    OPTIONS:
      --own <o>               One of its own, and more
                              words.
      --ledger <dir>          Where
                              it is.
      -C, --config <file>     Which.
      --no-color              Dark.
      -h, --help              Help.

    """
  private static let shared = ["--ledger", "-C", "--other", "--no-color", "-h"]

  @Test func `what all commands have is named in a line`() {
    let short = HelpText.shortened(
      Self.help, columns: 40, shared: Self.shared, topic: "prog help o")
    let wanted = """
      USAGE: prog x [<options>]

      OPTIONS:
        --own <o>               One of its own, and more
                                words.

      Also --ledger, -C, --no-color, -h: prog
      help o explains them.

      """
    expect(short, is: wanted)
    let few = HelpText.shortened(Self.help, columns: 40, shared: ["--ledger"], topic: "o")
    expect(few, is: Self.help)
  }

  @Test func `what was left out is told by itself, in the order that is asked for`() {
    expect(
      HelpText.options([Self.help], shared: ["-h", "--ledger", "--other"]),
      is: "  -h, --help              Help.\n  --ledger <dir>          Where\n"
        + "                          it is.\n")
  }

  @Test func `nothing but that leaves no heading behind`() {
    let help = "USAGE: x\n\nOPTIONS:\n  -a  A.\n  -b  B.\n  -c  C.\n  -d  D.\n"
    let short = HelpText.shortened(help, columns: 80, shared: ["-a", "-b", "-c", "-d"], topic: "t")
    expect(short, is: "USAGE: x\n\nAlso -a, -b, -c, -d: t explains them.\n")
  }
}
