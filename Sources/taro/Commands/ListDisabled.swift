internal import ArgumentParser
internal import Events
internal import Linux
internal import Projections

struct ListDisabled: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list-disabled",
    abstract: "Show which jobs are kept from running.",
    discussion: """
        taro list-disabled
        taro list-disabled -f jsonl
      """)

  @Option(name: .shortAndLong, help: "table, json or jsonl.")
  var format = OutputFormat.table

  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func run() throws {
    let now = Clock.wallMicroseconds()
    let entries =
      try ledger.view().map { try DisabledJobs(reader: $0.reader).inForce(at: now) } ?? []
    let table = Table(
      Self.columns, terminalColumns: Terminal.columns(1), palette: color.palette)
    var listing = Listing(
      format, "disabled", to: StandardOutput(), table: table, document: DisabledDocument.json)
    for entry in entries { listing.append(entry) }
    listing.finish()
  }

  private static var columns: [TableColumn<DisabledJobs.Entry>] {
    [
      TableColumn("DISABLED JOB ID", maximumWidth: 30, tone: { _ in .jobID }) {
        $0.disabled.pattern
      },
      TableColumn("DISABLED", maximumWidth: 25) { TimeFormat.local($0.at) },
      TableColumn("UNTIL", maximumWidth: 25) {
        $0.disabled.until.map { TimeFormat.local($0) } ?? ""
      },
      TableColumn("BY", maximumWidth: 30) { "\($0.disabled.by.user)@\($0.disabled.by.host)" },
      TableColumn("REASON", maximumWidth: 50) { $0.disabled.by.reason ?? "" },
    ]
  }
}
