internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Fleet
internal import Presentation

struct HostInfo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hostinfo",
    abstract: "Tell what hosts these are.",
    discussion: """
      What the file hostinfo of each says below [const], and what its kernel knows.

        taroc hostinfo -g web -f json
      """)

  @Option(name: .shortAndLong, help: "text or json.")
  var format = ReportFormat.text

  @OptionGroup(title: "Hosts") var fleet: FleetOptions
  @OptionGroup var color: ColorOption

  func run() throws {
    let targets = try fleet.targets()
    let palette = color.palette
    try OneDocument.ask(targets, .hostInfo, make: HostDocument.init) { found in
      guard format == .text else {
        return OneDocument.write(
          found.map { (targets.hosts[$0.host].name, $0.document.json) }, "hosts")
      }
      let output = StandardOutput()
      for (host, document) in found {
        let name = palette.paint(targets.hosts[host].name, .heading)
        for line in HostText.lines(document) { output.write("\(name): \(line)") }
      }
      output.flush()
    }
  }
}
