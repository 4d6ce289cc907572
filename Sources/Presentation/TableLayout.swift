/// The widths of a table's columns.
///
/// A column of width w takes w dashes in the separator line; in the other lines a blank, w - 1 columns
/// and a blank, so that all lines have the same columns. Values are cut to w - 2.
package struct TableLayout: Equatable, Sendable {
  /// The width that one column would like, in columns of the terminal.
  package struct Demand: Sendable {
    /// The title's own width.
    package var title: Int
    /// The widest value seen.
    package var value: Int
    /// For the whole column, its two blanks included; the title may be wider.
    package var maximum: Int

    package var natural: Int { max(title + 2, min(value + 2, maximum)) }
    /// Below 8 columns of text a value says nothing; a title is never cut.
    package var minimum: Int { min(natural, max(title, 8) + 2) }
  }

  package let widths: [Int]
  /// The last column's values are whole when nothing limits them: no terminal.
  package let cutsLastColumn: Bool

  /// Without a terminal every column has its natural width. To a terminal's width the widest columns
  /// shrink first, and the last column takes what the others leave. A terminal that is narrower than
  /// all the minima gets lines that are too long.
  package init(_ demands: [Demand], terminalColumns: Int?) {
    cutsLastColumn = terminalColumns != nil
    let natural = demands.map(\.natural)
    widths =
      terminalColumns.map { TableLayout.fit(natural, demands, into: $0) } ?? natural
  }

  private static func fit(
    _ natural: [Int], _ demands: [Demand], into terminalColumns: Int
  ) -> [Int] {
    var widths = natural
    guard let last = widths.indices.last else { return widths }
    let separators = widths.count - 1
    var excess = widths.reduce(separators, +) - terminalColumns
    while excess > 0 {
      let shrinkable = widths.indices.filter { widths[$0] > demands[$0].minimum }
      guard let widest = shrinkable.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
      excess -= 1
    }
    if excess < 0 { widths[last] -= excess }
    return widths
  }
}
