internal import Ledger
internal import Linux
internal import Projections

/// Writes instances in one of the formats, one at a time: nothing is kept, however many there are.
struct InstanceListing {
  private let format: OutputFormat
  private let bootNow = Clock.bootMicroseconds()
  private var output: StandardOutput
  private var table: Table<InstanceRecord>
  private var isFirst = true

  init(
    _ format: OutputFormat, to output: StandardOutput, palette: Palette,
    columns: (_ bootNow: Int64) -> [InstanceTable.Column]
  ) {
    self.format = format
    self.output = output
    table = Table(
      columns(bootNow), terminalColumns: Terminal.columns(1), palette: palette,
      rowTone: InstanceTable.rowTone)
  }

  mutating func append(_ record: InstanceRecord) {
    switch format {
    case .table: table.append(record, to: &output)
    case .json:
      output.write(isFirst ? "{\"instances\":[\n" : ",\n")
      output.write(document(record))
    case .jsonl: output.write(document(record) + "\n")
    }
    isFirst = false
  }

  mutating func finish() {
    switch format {
    case .table: table.finish(to: &output)
    case .json: output.write(isFirst ? "{\"instances\":[]}\n" : "\n]}\n")
    case .jsonl: break
    }
    output.flush()
  }

  private func document(_ record: InstanceRecord) -> String {
    InstanceDocument.json(record, bootNow: bootNow).text
  }
}
