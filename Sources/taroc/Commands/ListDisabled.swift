internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Fleet
internal import Presentation

struct ListDisabled: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list-disabled",
    abstract: "Show which jobs are kept from running on each host.",
    discussion: """
        taroc list-disabled
        taroc list-disabled -f jsonl
      """)

  @Option(name: .shortAndLong, help: "table, json or jsonl.")
  var format = OutputFormat.table

  @OptionGroup var moment: FleetMoment
  @OptionGroup(title: "Hosts") var fleet: FleetOptions
  @OptionGroup var color: ColorOption

  func run() throws {
    let listing = FleetListing(
      name: "disabled", columns: DisabledTable.columns, make: DisabledDocument.init, json: \.json)
    try listing.show(fleet.targets(), moment.of(.disabled), format, color: color)
  }
}
