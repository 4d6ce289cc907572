internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Linux
internal import Presentation

/// The option of tables that shows them again and again, in place.
struct WatchedTable: ParsableArguments {
  @Flag(
    name: .customLong("watch"),
    help: "Show it again each second, in place, until Ctrl-C. Needs a terminal.")
  var isOn = false

  private static let milliseconds: Int32 = 1000

  /// The lines that a table may have; nil where it is shown once.
  var rows: Int? { isOn ? Terminal.size(1).map { max(1, Int($0.rows) - 3) } : nil }

  /// Shows it, once or until the program is ended.
  func show(_ show: () throws -> Void) throws {
    guard isOn else { return try show() }
    guard Terminal.isTerminal(1) else {
      throw Failure.usage("--watch needs a terminal; taro listen tells each change, a line each")
    }
    while true {
      let output = StandardOutput()
      // Home, and what is behind that away (ECMA-48, CUP and ED).
      output.write(PrintableText(verbatim: "\u{1b}[H\u{1b}[J"))
      output.flush()
      try show()
      _ = Poll.wait(-1, for: .readable, milliseconds: Self.milliseconds)
    }
  }
}
