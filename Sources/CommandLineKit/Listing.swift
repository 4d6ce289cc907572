package import Documents
package import Events
package import Presentation

/// Writes rows in one of the formats, one at a time: nothing is kept, however many there are.
package struct Listing<Row> {
  private let format: OutputFormat
  /// The key of the rows in the JSON object.
  private let name: String
  private let document: (Row) -> JSON
  private var output: StandardOutput
  private var table: Table<Row>
  private var isFirst = true

  package init(
    _ format: OutputFormat, _ name: String, to output: StandardOutput, table: Table<Row>,
    document: @escaping (Row) -> JSON
  ) {
    self.format = format
    self.name = name
    self.output = output
    self.table = table
    self.document = document
  }

  /// Nothing was given to it yet.
  package var isEmpty: Bool { isFirst }

  package mutating func append(_ row: Row) {
    switch format {
    case .table: table.append(row, to: &output)
    case .json:
      output.write(isFirst ? "{\"\(name)\":[\n" : ",\n")
      output.write(PrintableText(verbatim: document(row).text))
    case .jsonl: output.write(json: document(row))
    }
    isFirst = false
  }

  /// Shows the rows that a table holds back to measure them: more of them may be long in coming.
  package mutating func showHeldBack() {
    if format == .table, !isFirst { table.finish(to: &output) }
    output.flush()
  }

  package mutating func finish() {
    switch format {
    case .table: table.finish(to: &output)
    case .json: output.write(isFirst ? "{\"\(name)\":[]}\n" : "\n]}\n")
    case .jsonl: break
    }
    output.flush()
  }
}

package typealias InstanceListing = Listing<InstanceDocument>

extension InstanceListing {
  package init(
    _ format: OutputFormat, to output: StandardOutput, palette: Palette,
    columns: [InstanceTable.Column], terminalColumns: Int?
  ) {
    let table = Table(
      columns, terminalColumns: terminalColumns, palette: palette,
      rowTone: InstanceTable.rowTone)
    self.init(format, "instances", to: output, table: table, document: \.json)
  }
}
