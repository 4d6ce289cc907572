internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Fleet
internal import Linux
internal import Presentation

struct Stats: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Show how each job has fared on each host.",
    discussion: """
        taroc stats -g web
        taroc stats 'backup*' -S "7d ago" -f jsonl
      """)

  @Argument(help: ArgumentHelp("Only instances that match.", valueName: "pattern"))
  var patterns: [String] = []

  @OptionGroup var history: HistoryOptions

  @Option(name: .shortAndLong, help: "table, json or jsonl.")
  var format = OutputFormat.table

  @OptionGroup var moment: FleetMoment
  @OptionGroup(title: "Hosts") var fleet: FleetOptions
  @OptionGroup var table: TableOptions
  @OptionGroup var color: ColorOption

  func run() throws {
    let isUTF8 = Locale.isUTF8(environment: ProcessEnvironment.value)
    let listing = FleetListing(
      name: "jobs",
      columns: try table.columns(of: StatisticsTable.columns(isUTF8: isUTF8, now: .now)),
      make: StatisticsDocument.init, json: \.json)
    try listing.show(
      fleet.targets(), moment.of(.statistics(try history.asked(patterns))), format, color: color,
      width: table.terminalColumns)
  }
}
