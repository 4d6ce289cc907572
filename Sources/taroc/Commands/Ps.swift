internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Fleet
internal import Linux
internal import Presentation

struct Ps: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ps",
    abstract: "Show what is running, or waits to run, on each host.",
    discussion: """
        taroc ps
        taroc ps -g web 'backup*' -f json
        taroc ps -H web1 -H ops@10.0.0.7:2222
      """)

  @Argument(help: ArgumentHelp("Only instances that match.", valueName: "pattern"))
  var patterns: [String] = []

  @Option(name: .shortAndLong, help: "table, json or jsonl.")
  var format = OutputFormat.table

  @Flag(name: .customLong("show-params"), help: "Show the parameters given with --param.")
  var showsParams = false

  @OptionGroup var moment: FleetMoment
  @OptionGroup(title: "Hosts") var fleet: FleetOptions
  @OptionGroup var table: TableOptions
  @OptionGroup var color: ColorOption

  func run() throws {
    let columns = try table.columns(
      of: InstanceTable.live(drawsBars: Terminal.isTerminal(1), now: .now),
      hidden: InstanceTable.hidden(showsParams: showsParams))
    try FleetListing.instances(columns).show(
      fleet.targets(), moment.of(.live(patterns)), format, color: color,
      width: table.terminalColumns)
  }
}
