internal import Events
internal import Fleet
internal import Presentation

extension TableColumn {
  /// The column of a local table, in one that has hosts.
  func hosted() -> TableColumn<Hosted<Row>> {
    let values = values.map { value in
      { @Sendable (row: Hosted<Row>) in value(row.document) }
    }
    return TableColumn<Hosted<Row>>(
      title, maximumWidth: maximumWidth, enough: enough, worth: worth,
      tone: { tone($0.document) }, shorter: Array(values.dropFirst()), value: values[0])
  }
}

enum HostedTable {
  /// The columns of a local table behind one with the host.
  static func columns<Row>(_ columns: [TableColumn<Row>]) -> [TableColumn<Hosted<Row>>] {
    let host = TableColumn<Hosted<Row>>("HOST", maximumWidth: 32) { $0.host }
    return [host] + columns.map { $0.hosted() }
  }
}
