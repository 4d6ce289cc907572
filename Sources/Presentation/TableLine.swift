/// One line of a table, put together cell by cell.
///
/// Blanks are written only before more text, and outside of escape sequences: with and without colours
/// the same characters stand in the same places, and no line ends with blanks.
package struct TableLine {
  private let layout: TableLayout
  private let palette: Palette
  private let rowTone: StateTone?
  private var text = ""
  private var column = 0
  private var blanks = 0

  package init(_ layout: TableLayout, _ palette: Palette, _ rowTone: StateTone? = nil) {
    self.layout = layout
    self.palette = palette
    self.rowTone = rowTone
    text.reserveCapacity(256)
  }

  /// Adds the next column's cell; its text is printable.
  package mutating func append(_ value: String, _ tone: Tone) {
    let width = layout.columns[column].width
    column += 1
    var cell = DisplayWidth.fitted(value, to: layout.cutsValues ? width - 2 : .max)
    while cell.text.utf8.last == UInt8(ascii: " ") {
      cell.text.unicodeScalars.removeLast()
      cell.width -= 1
    }
    blanks += 1
    if !cell.text.isEmpty {
      appendBlanks()
      text += palette.paint(cell.text, tone, inRowOf: rowTone).text
    }
    // A value of a later row may be wider than those that were measured.
    blanks += max(2, width - cell.width)
  }

  /// The line with its end of line.
  package consuming func finished() -> PrintableText { PrintableText(verbatim: text + "\n") }

  private mutating func appendBlanks() {
    while blanks > 0 {
      let count = min(blanks, TableLine.manyBlanks.utf8.count)
      text += TableLine.manyBlanks.prefix(utf8: count)
      blanks -= count
    }
  }

  private static let manyBlanks = String(repeating: " ", count: 64)
}
