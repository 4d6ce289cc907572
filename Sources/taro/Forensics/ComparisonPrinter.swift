internal import CommandLineKit
internal import Documents
internal import Events
internal import Linux
internal import Operations
internal import Presentation
internal import Projections

/// Prints what two runs have not in common, up to so many lines.
struct ComparisonPrinter {
  let output: StandardOutput
  private let text: ComparisonText
  private let names: (old: String, new: String)
  private let isIndented: Bool
  private var left: Int
  /// Something of the outputs could not be compared.
  private(set) var isIncomplete = false

  init(
    _ choice: ComparisonChoice, to output: StandardOutput, _ palette: Palette,
    indented: Bool = false,
    limit: Int = .max
  ) {
    self.output = output
    text = ComparisonText(palette)
    names = (choice.old.name, choice.new.name)
    isIndented = indented
    left = limit
  }

  /// Beside other things that are told of a run (`indented`) lines stand as its last lines do; `diff` shows each byte.
  /// - Returns: false when the lines are used up: there are more.
  mutating func print(_ item: OutputComparison.Item) -> Bool {
    switch item {
    case .damaged(let side, let bytes):
      tell(
        side, "\(TimeFormat.bytes(bytes)) of its output are damaged in the ledger, and not compared"
      )
    case .dropped(let side, let bytes):
      let what =
        bytes > 0 ? "\(TimeFormat.bytes(bytes)) of its output" : "its output, or some of it"
      tell(side, "retention has dropped \(what): not compared")
    case .truncated(let side):
      tell(side, "it has more lines than are compared; --max-lines takes more")
    case .stream(let stream): return write(text.stream(stream))
    case .hunk(let old, let new): return write(text.hunk(old: old, new: new))
    case .line(let line):
      guard isIndented else {
        return write(
          text.line(Self.kind(line.kind), line.bytes, isCut: line.isCut, marked: line.marked))
      }
      return write(
        text.line(Self.kind(line.kind), Self.shown(line.bytes), isCut: line.isCut, marked: []))
    }
    return true
  }

  private mutating func write(_ line: PrintableText) -> Bool {
    guard left > 0 else { return false }
    left -= 1
    output.write(PrintableText(isIndented ? "  " : "") + line)
    return true
  }

  private mutating func tell(_ side: OutputComparison.Side, _ what: String) {
    isIncomplete = true
    output.flush()
    StandardError.say("\(side == .old ? names.old : names.new): \(what)")
  }

  /// A line as a terminal would have shown it, without colours.
  private static func shown(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var line = TerminalLine(limit: bytes.count)
    line.take(bytes)
    return line.bytes[...]
  }

  private static func kind(_ kind: OutputComparison.Line.Kind) -> ComparisonText.LineKind {
    switch kind {
    case .same: .same
    case .removed: .removed
    case .added: .added
    }
  }
}
