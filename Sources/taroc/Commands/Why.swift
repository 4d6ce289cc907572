internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Fleet
internal import Presentation

struct Why: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Say in a sentence why an instance is in its state, on each host.",
    discussion: """
        taroc why -g web backup
      """)

  @Argument(
    help: ArgumentHelp("A job (its newest instance) or an instance.", valueName: "name"))
  var name: String

  @OptionGroup var moment: FleetMoment
  @OptionGroup(title: "Hosts") var fleet: FleetOptions
  @OptionGroup var color: ColorOption

  func run() throws {
    let targets = try fleet.targets()
    let palette = color.palette
    try OneDocument.ask(targets, moment.of(.instance(name)), make: InstanceDocument.init) { found in
      let output = StandardOutput()
      for (host, document) in found {
        let name = targets.hosts[host].name
        let line = WhyText.line(document, palette, now: .now) { "taroc release -H \(name) \($0)" }
        output.write("\(palette.paint(name, .heading)): \(line)")
      }
      output.flush()
    }
  }
}
