internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Linux
internal import Operations
internal import Presentation
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

  @OptionGroup var asOf: MomentOption
  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func run() throws {
    let entries =
      try asOf.view(ledger).map { view in
        try DisabledJobs(reader: view.reader).inForce(at: view.moment.wall)
      } ?? []
    let table = Table(
      DisabledTable.columns, terminalColumns: Terminal.columns(1), palette: color.palette)
    var listing = Listing(
      format, "disabled", to: StandardOutput(), table: table, document: \DisabledDocument.json)
    for entry in entries { listing.append(DisabledDocument(entry)) }
    listing.finish()
  }
}
