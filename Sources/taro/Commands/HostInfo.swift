internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Linux
internal import Presentation
internal import Settings

struct HostInfo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hostinfo",
    abstract: "Tell what host this is.",
    discussion: """
      What the file hostinfo says below [const] (name=value), and what the kernel knows. The \
      file is looked for where the configuration is.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  @Option(name: .shortAndLong, help: "text or json.")
  var format = Format.text

  func run() throws {
    let constants = try constants()
    let output = StandardOutput()
    switch format {
    case .text:
      let own = Set(constants.map(\.name))
      let known = Self.text(Machine()).filter { !own.contains($0.name) }
      for (name, value) in constants + known {
        output.write("\(PrintableText.escaped(name)): \(PrintableText.escaped(value))\n")
      }
    case .json: output.write(Self.document(Machine(), constants).json.prettyText + "\n")
    }
    output.flush()
  }

  private func constants() throws -> [(name: String, value: String)] {
    let found = try ConfigurationLookup().find(HostInfoFile.fileName)
    SkippedFiles.say(found.skipped)
    guard let file = found.file else { return [] }
    let info = try HostInfoFile(file)
    for section in info.otherSections {
      say(
        "\(PrintableText.escaped(file.path)): section [\(PrintableText.escaped(section))] "
          + "is not supported and left out; [const] is")
    }
    return info.constants
  }

  private func say(_ text: String) { StandardError.say(text) }

  private static func text(_ machine: Machine) -> [(name: String, value: String)] {
    let facts: [(String, String?)] = [
      ("hostname", Host.name()), ("machine", machine.architecture),
      ("processor", machine.processor), ("processors", "\(machine.processors)"),
      ("memory", machine.memoryBytes.map(TimeFormat.bytes)), ("os", machine.system),
      ("kernel", machine.kernel), ("booted", TimeFormat.local(machine.bootedAt)),
    ]
    return facts.compactMap { name, value in value.map { (name, $0) } }
  }

  private static func document(
    _ machine: Machine, _ constants: [(name: String, value: String)]
  ) -> HostDocument {
    HostDocument(
      constants: constants.map { JSON.Member($0.name, .string($0.value)) },
      hostname: Host.name(), machine: machine.architecture, processor: machine.processor,
      processors: Int64(machine.processors), memoryBytes: machine.memoryBytes,
      system: machine.system, kernel: machine.kernel, bootedAt: machine.bootedAt)
  }
}
