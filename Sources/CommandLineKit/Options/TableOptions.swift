package import ArgumentParser
internal import Linux
package import Presentation

/// Options of commands that list: what their table shows, and how wide.
package struct TableOptions: ParsableArguments {
  @Option(
    name: .customLong("columns"),
    help: ArgumentHelp(
      "Only these columns, in this order: job,state,result. A wrong name tells which there are.",
      valueName: "names"))
  package var names: String?

  @Flag(
    name: [.customShort("w"), .customLong("wide")],
    help: "Everything, however wide the terminal is.")
  package var isWide = false

  package init() {}

  /// The columns that were asked for, none of which is left out then; else all but the hidden ones.
  /// - Parameter hidden: keys.
  package func columns<Row>(
    of all: [TableColumn<Row>], hidden: Set<String> = []
  ) throws -> [TableColumn<Row>] {
    guard let names else { return all.filter { !hidden.contains($0.key) } }
    let list = names.split(separator: ",", omittingEmptySubsequences: false)
    return try list.map { name in
      guard var column = all.first(where: { $0.key == name.lowercased() }) else {
        let known = all.map(\.key).joined(separator: ",")
        throw ValidationError(
          "--columns \(names): there is no column \"\(name)\"; there are \(known)")
      }
      column.worth = nil
      return column
    }
  }

  /// The width that lines are fitted into: the terminal's, else COLUMNS, as watch(1) sets it; nil where nothing limits it.
  package var terminalColumns: Int? {
    guard !isWide else { return nil }
    if let columns = Terminal.columns(1) { return columns }
    return ProcessEnvironment.value("COLUMNS").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
  }
}
