internal import CommandLineKit
internal import Documents
internal import Events
internal import Fleet
internal import Linux
internal import Presentation

/// Asks hosts for documents and shows them all in one list, as they come.
struct FleetListing<Document> {
  /// The key of the rows in the JSON object.
  let name: String
  let columns: [TableColumn<Document>]
  let make: (JSON) throws(DocumentError) -> Document
  let json: (Document) -> JSON
  var rowTone: (Document) -> StateTone? = { _ in nil }
  /// Leaves of a row that is kept what a table needs.
  var lean: (Document) -> Document = { $0 }
  /// Rows have an order over hosts, and only so many of them are wanted.
  var first: (limit: Int, isBefore: (Document, Document) -> Bool)?
  /// Nothing that matches is there: 1 is an answer.
  var answers: Set<Int32> = []

  private typealias Row = Hosted<Document>

  /// The time that the rows of a table wait for others, so that widths are right, microseconds.
  private static var patience: Int64 { 300_000 }

  func show(
    _ targets: FleetOptions.Targets, _ asking: Asking, _ format: OutputFormat,
    color: ColorOption, width: Int? = Terminal.columns(1), noPager: Bool = true
  ) throws {
    let isLive = format == .table && Terminal.isTerminal(1)
    let report = FleetReport(targets.hosts, answers: answers)
    let fan = FanOut(targets.hosts, targets.settings) { _ in asking }
    if isLive {
      try showLive(fan, report, color.palette, width, noPager)
    } else {
      try showAtOnce(fan, report, format, color.palette, width)
    }
    try report.end()
  }

  private func table(_ palette: Palette, columns terminal: Int?) -> Table<Row> {
    Table(
      HostedTable.columns(columns), terminalColumns: terminal, palette: palette,
      rowTone: { rowTone($0.document) })
  }

  private func listing(
    _ format: OutputFormat, _ output: StandardOutput, _ palette: Palette, _ width: Int?
  ) -> Listing<Row> {
    Listing(
      format, name, to: output, table: table(palette, columns: width),
      document: { Hosted($0.host, json($0.document)).json })
  }

  /// For a pipe: each row as it comes; where they have an order, when all have come.
  private func showAtOnce(
    _ fan: FanOut, _ report: FleetReport, _ format: OutputFormat, _ palette: Palette,
    _ width: Int?
  ) throws {
    let output = StandardOutput()
    var listing = listing(format, output, palette, width)
    var sorted = sorted()
    var dueAt: MonotonicTime?
    fan.wakeAt = { dueAt }
    fan.woken = {
      if format != .table { output.flush() }
      guard let due = dueAt, MonotonicTime.now >= due else { return }
      listing.showHeldBack()
      dueAt = nil
    }
    var isFirst = true
    try fan.run { host, happening in
      switch happening {
      case .line(let line):
        let row = Hosted(fan.hosts[host].name, try AnswerDocument.read(line, make))
        if sorted != nil { return sorted?.add(row) ?? () }
        listing.append(format == .table ? Hosted(row.host, lean(row.document)) : row)
        if isFirst, format == .table { dueAt = .now + Self.patience }
        isFirst = false
      case .ended(let outcome, let errors, let more):
        report.take(host, outcome, errors: errors, more: more)
      case .begun, .bytes: break
      }
    }
    for row in sorted?.rows ?? [] { listing.append(row) }
    listing.finish()
  }

  private func sorted() -> FirstRows<Row>? {
    first.map { first in
      FirstRows(first.limit) { first.isBefore($0.document, $1.document) }
    }
  }

  /// Rows that are kept to be shown at the end; where there are more, they are shown as they come.
  private static var mostKept: Int { 10_000 }

  /// On a terminal: a table that fills, and at the end the whole one, by host.
  private func showLive(
    _ fan: FanOut, _ report: FleetReport, _ palette: Palette, _ width: Int?, _ noPager: Bool
  ) throws {
    var rows: [Int: [Row]] = [:]
    var sorted = sorted()
    let started = MonotonicTime.now
    let live = LiveTable(HostedTable.columns(columns), palette) { rowTone($0.document) }
    report.beforeLine = live.clear
    func all() -> [Row] {
      sorted?.rows ?? fan.hosts.indices.flatMap { rows[$0] ?? [] }
    }
    var kept = 0
    var written: (listing: Listing<Row>, pager: Pager)?
    func write() {
      live.clear()
      let (output, pager) = Pager.open(noPager: noPager)
      written = (listing(.table, output, palette, width), pager)
      for row in all() { written?.listing.append(row) }
      rows = [:]
    }
    fan.wakeAt = { written == nil ? live.due : nil }
    fan.woken = {
      guard written == nil, MonotonicTime.now >= live.due else { return }
      live.draw(all(), progress: report.progress(elapsed: .now - started))
    }
    try fan.run { host, happening in
      switch happening {
      case .line(let line):
        let document = try AnswerDocument.read(line, make)
        let row = Hosted(fan.hosts[host].name, lean(document))
        if written != nil { return written?.listing.append(row) ?? () }
        if sorted != nil { return sorted?.add(row) ?? () }
        rows[host, default: []].append(row)
        kept += 1
        if kept == Self.mostKept { write() }
      case .ended(let outcome, let errors, let more):
        report.take(host, outcome, errors: errors, more: more)
      case .begun, .bytes: break
      }
    }
    if written == nil { write() }
    written?.listing.finish()
    written?.pager.finish()
  }
}

extension FleetListing where Document == InstanceDocument {
  static func instances(_ columns: [InstanceTable.Column]) -> FleetListing {
    FleetListing(
      name: "instances", columns: columns, make: InstanceDocument.init, json: \.json,
      rowTone: InstanceTable.rowTone, lean: \.lean)
  }
}
