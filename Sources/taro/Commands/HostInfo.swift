internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Linux
internal import Operations
internal import Presentation

struct HostInfo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hostinfo",
    abstract: "Tell what host this is.",
    discussion: """
      What the file hostinfo says below [const] (name=value), and what the kernel knows. The \
      file is looked for where the configuration is.
      """)

  @Option(name: .shortAndLong, help: "text or json.")
  var format = ReportFormat.text

  func run() throws {
    let host = try HostDescription()
    SkippedFiles.say(host.skipped)
    for section in host.otherSections {
      StandardError.say(
        "\(PrintableText.escaped(host.path ?? "")): section [\(PrintableText.escaped(section))] "
          + "is not supported and left out; [const] is")
    }
    let output = StandardOutput()
    switch format {
    case .text:
      for line in HostText.lines(host.document) { output.write(line) }
    case .json: output.write(pretty: host.document.json)
    }
    output.flush()
  }
}
