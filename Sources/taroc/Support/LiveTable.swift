internal import CommandLineKit
internal import Events
internal import Linux
internal import Presentation

/// A table on a terminal that fills while hosts answer, with a line below it that says how many have. It is drawn again
/// where it stands, at most ten times a second, and taken away at the end, when the whole table is written.
final class LiveTable<Row> {
  private static var interval: Int64 { 100_000 }

  private let columns: [TableColumn<Row>]
  private let palette: Palette
  private let rowTone: (Row) -> StateTone?
  private let output = StandardOutput()
  private var drawnLines = 0
  private var next: MonotonicTime

  init(
    _ columns: [TableColumn<Row>], _ palette: Palette, rowTone: @escaping (Row) -> StateTone?
  ) {
    self.columns = columns
    self.palette = palette
    self.rowTone = rowTone
    // Fast answers are shown once.
    next = .now + 2 * Self.interval
  }

  /// The time of the next drawing.
  var due: MonotonicTime { next }

  func draw(_ rows: [Row], progress: String) {
    let now = MonotonicTime.now
    guard now >= next, let size = Terminal.size(1) else { return }
    next = now + Self.interval
    // Header, dashes, the line itself, and one that the cursor stands in.
    let room = max(0, Int(size.rows) - 5)
    let shown = rows.prefix(room)
    let more = rows.count - shown.count
    var text: PrintableText = back
    if !shown.isEmpty {
      text += Table.text(
        shown, columns, terminalColumns: Int(size.columns), palette: palette, rowTone: rowTone)
    }
    let line = progress + (more > 0 ? "; \(more) more rows" : "")
    text += "\(String(line.prefix(max(1, Int(size.columns) - 1))))\n"
    output.write(text)
    output.flush()
    drawnLines = (shown.isEmpty ? 0 : shown.count + 2) + 1
  }

  /// Takes away what is drawn.
  func clear() {
    guard drawnLines > 0 else { return }
    output.write(back)
    output.flush()
    drawnLines = 0
  }

  /// To the beginning of what is drawn, and away with it (ECMA-48, CPL and ED).
  private var back: PrintableText {
    drawnLines > 0 ? PrintableText(verbatim: "\u{1b}[\(drawnLines)F\u{1b}[J") : ""
  }
}
