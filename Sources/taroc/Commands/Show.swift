internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Fleet
internal import Presentation

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show everything that is known of one run on each host.",
    discussion: """
        taroc show backup            its newest run on each host
        taroc show -H web1 06rv -f json

      1 where no host has such a run.
      """)

  @Argument(help: "A job id (its newest run), a job@instance or the beginning of an instance id.")
  var instance: String

  @Option(name: .shortAndLong, help: "text or json.")
  var format = ReportFormat.text

  @OptionGroup var moment: FleetMoment
  @OptionGroup(title: "Hosts") var fleet: FleetOptions
  @OptionGroup var color: ColorOption

  func run() throws {
    let targets = try fleet.targets()
    let palette = color.palette
    try OneDocument.ask(targets, moment.of(.instance(instance)), make: InstanceDocument.init) {
      found in
      guard format == .text else {
        return OneDocument.write(
          found.map { (targets.hosts[$0.host].name, $0.document.json) }, "instances")
      }
      let output = StandardOutput()
      for (place, (host, document)) in found.enumerated() {
        if place > 0 { output.write("\n") }
        output.write(palette.paint(targets.hosts[host].name, .heading) + ": ")
        output.write(InstanceReport(document, palette).text + "\nTimeline:\n")
        for transition in document.transitions {
          let state = palette.paint(
            transition.state.rawValue, .state(InstanceTable.tone(transition.state)))
          output.write("  \(TimeFormat.local(transition.at))  \(state)\n")
        }
      }
      output.flush()
    }
  }
}
