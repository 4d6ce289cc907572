/// The columns of a table that are shown, in one of their forms, and their widths.
///
/// A column of width w takes w dashes in the separator line; in the other lines a blank, w - 1 columns
/// and a blank, so that all lines have the same columns. For a terminal values are cut to w - 2.
package struct TableLayout: Equatable, Sendable {
  /// The width that one column would like, in columns of the terminal.
  package struct Demand: Sendable {
    /// The title's own width.
    package var title: Int
    /// The widest value seen, in each form.
    package var values: [Int]
    /// For the whole column, its two blanks included; the title may be wider.
    package var maximum: Int
    /// The width of text that tells enough.
    package var enough: Int
    /// The column with the least is left out first; nil where it never is.
    package var worth: Int?

    func natural(_ form: Int) -> Int { max(title + 2, min(values[form] + 2, maximum)) }

    func whole(_ form: Int) -> Int { max(title, values[form]) + 2 }

    /// A title is never cut.
    func minimum(_ form: Int, text: Int) -> Int {
      let natural = natural(form)
      return text < natural - 2 ? max(title, text) + 2 : natural
    }

    var isEmpty: Bool { values.allSatisfy { $0 == 0 } }
  }

  package struct Column: Equatable, Sendable {
    /// Among the table's columns.
    package let index: Int
    package var form = 0
    package var width = 0
  }

  package private(set) var columns: [Column]
  /// Values are whole where nothing limits them: no terminal.
  package let cutsValues: Bool

  /// Without a terminal every column is as wide as its values, but for the last, behind which nothing stands. For a
  /// terminal's width columns have at most their natural width, unless there is room for more; it first goes without those
  /// in which nothing stands, then values take their shorter forms, then the columns of least worth go. In what is left the
  /// widest columns shrink first, and the last column takes what the others leave. Only a terminal that is narrower than
  /// all that can be done gets lines that are too long.
  package init(_ demands: [Demand], terminalColumns: Int?) {
    columns = demands.indices.map { Column(index: $0) }
    cutsValues = terminalColumns != nil
    guard let terminalColumns else {
      for index in columns.indices { columns[index].width = wholeWidth(index, demands) }
      return
    }
    choose(demands, terminalColumns)
    let whole = columns.indices.map { wholeWidth($0, demands) }
    let hasRoom = whole.reduce(columns.count - 1, +) <= terminalColumns
    for index in columns.indices {
      columns[index].width =
        hasRoom
        ? whole[index] : demands[columns[index].index].natural(columns[index].form)
    }
    fit(demands, into: terminalColumns)
  }

  private func wholeWidth(_ index: Int, _ demands: [Demand]) -> Int {
    let (demand, form) = (demands[columns[index].index], columns[index].form)
    return index == columns.count - 1 ? demand.natural(form) : demand.whole(form)
  }

  private mutating func choose(_ demands: [Demand], _ terminalColumns: Int) {
    func fits(_ width: (Demand, _ form: Int) -> Int) -> Bool {
      columns.reduce(columns.count - 1) { $0 + width(demands[$1.index], $1.form) }
        <= terminalColumns
    }
    guard !fits({ $0.natural($1) }) else { return }
    columns.removeAll { demands[$0.index].isEmpty && demands[$0.index].worth != nil }
    var form = 0
    while !fits({ $0.natural($1) }),
      columns.contains(where: { demands[$0.index].values.count - 1 > form })
    {
      form += 1
      for index in columns.indices where demands[columns[index].index].values.count > form {
        columns[index].form = form
      }
    }
    while !fits({ $0.minimum($1, text: $0.enough) }) {
      let worths = columns.compactMap { demands[$0.index].worth }
      guard let least = worths.min() else { return }
      columns.removeAll { demands[$0.index].worth == least }
    }
  }

  private mutating func fit(_ demands: [Demand], into terminalColumns: Int) {
    guard let last = columns.indices.last else { return }
    var excess = columns.reduce(columns.count - 1) { $0 + $1.width } - terminalColumns
    // Below 8 columns of text a value says nothing.
    for least in [nil, 8] as [Int?] {
      while excess > 0 {
        let shrinkable = columns.indices.filter { index in
          let demand = demands[columns[index].index]
          return columns[index].width
            > demand.minimum(columns[index].form, text: least ?? demand.enough)
        }
        guard let widest = shrinkable.max(by: { columns[$0].width < columns[$1].width }) else {
          break
        }
        columns[widest].width -= 1
        excess -= 1
      }
    }
    if excess < 0 { columns[last].width -= excess }
  }
}
