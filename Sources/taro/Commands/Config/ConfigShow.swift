internal import ArgumentParser
internal import CommandLineKit
internal import Presentation
internal import Settings

struct ConfigShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the configuration file that is used.")

  @Flag(help: "Show every key with the value in force, as --set takes it, instead of the file.")
  var effective = false

  @OptionGroup var options: ConfigurationOptions

  func run() throws {
    let output = StandardOutput()
    if effective {
      for (key, value) in try options.load().settings { output.write("\(key)=\(value)\n") }
    } else {
      output.write(PrintableText(verbatim: try content()))
    }
    output.flush()
  }

  private func content() throws -> String {
    switch options.choice {
    case .packaged: return Configuration.template
    case .minimal: throw Failure("--min-config stands for no file; show --effective has its values")
    case .file, .lookup:
      let file = try options.usedFile()
      return "Showing file: \(PrintableText.escaped(file.path))\n"
        + String(decoding: file.bytes, as: UTF8.self)
    }
  }
}
