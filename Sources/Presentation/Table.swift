/// A table that is written while its rows arrive.
///
///      JOB ID   STATE
///     -------- -----------
///      backup   COMPLETED
///
/// The first 50 rows are held back, because the columns' widths come from them, and what a narrow terminal shows; after
/// that every row is written at once, so that a million rows need no memory. No line ends with blanks.
package struct Table<Row> {
  private let columns: [TableColumn<Row>]
  private let terminalColumns: Int?
  private let palette: Palette
  private let rowTone: (Row) -> StateTone?
  private var heldBack: [Row] = []
  private var layout: TableLayout?

  /// - Parameters:
  ///   - terminalColumns: the width that lines are fitted into; nil when the text goes to no terminal.
  ///   - rowTone: `failure` paints the whole row.
  package init(
    _ columns: [TableColumn<Row>], terminalColumns: Int?, palette: Palette,
    rowTone: @escaping (Row) -> StateTone? = { _ in nil }
  ) {
    self.columns = columns
    self.terminalColumns = terminalColumns
    self.palette = palette
    self.rowTone = rowTone
  }

  package static var rowsMeasured: Int { 50 }

  /// Takes the next row; writes it, or what was held back, once the widths are known.
  package mutating func append(_ row: Row, to output: inout some PrintableOutput) {
    if let layout {
      output.write(line(row, layout))
      return
    }
    heldBack.append(row)
    if heldBack.count == Table.rowsMeasured { begin(to: &output) }
  }

  /// Writes what is still held back; a table without rows is its header. To be called at the end, and before where the
  /// rows that are there are not to wait for others.
  package mutating func finish(to output: inout some PrintableOutput) {
    if layout == nil { begin(to: &output) }
  }

  /// A whole table.
  package static func text(
    _ rows: some Sequence<Row>, _ columns: [TableColumn<Row>], terminalColumns: Int? = nil,
    palette: Palette = .plain, rowTone: @escaping (Row) -> StateTone? = { _ in nil }
  ) -> PrintableText {
    var table = Table(
      columns, terminalColumns: terminalColumns, palette: palette, rowTone: rowTone)
    var text: PrintableText = ""
    for row in rows { table.append(row, to: &text) }
    table.finish(to: &text)
    return text
  }

  // MARK: Lines

  private mutating func begin(to output: inout some PrintableOutput) {
    let layout = TableLayout(columns.map(demand), terminalColumns: terminalColumns)
    self.layout = layout
    let dashes = layout.columns.map { String(repeating: "-", count: $0.width) }
      .joined(separator: " ")
    var header = TableLine(layout, palette)
    for column in layout.columns { header.append(columns[column.index].title, .heading) }
    output.write(header.finished())
    output.write(palette.paint(dashes, .heading) + "\n")
    for row in heldBack { output.write(line(row, layout)) }
    heldBack = []
  }

  private func demand(_ column: TableColumn<Row>) -> TableLayout.Demand {
    let widest = column.values.map { value in
      heldBack.lazy.map { DisplayWidth.of(PrintableText.escaped(value($0))) }.max() ?? 0
    }
    return TableLayout.Demand(
      title: DisplayWidth.of(column.title), values: widest, maximum: column.maximumWidth,
      enough: column.enough, worth: column.worth)
  }

  private func line(_ row: Row, _ layout: TableLayout) -> PrintableText {
    var line = TableLine(layout, palette, rowTone(row))
    for place in layout.columns {
      let column = columns[place.index]
      line.append(PrintableText.escaped(column.values[place.form](row)), column.tone(row))
    }
    return line.finished()
  }
}
