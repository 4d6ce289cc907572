internal import ArgumentParser
internal import CommandLineKit
internal import Ledger
internal import Operations
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
      let configuration = try options.load()
      for (key, value) in configuration.settings {
        output.write("\(key)=\(value.isEmpty ? Self.standard(key, configuration) : value)\n")
      }
    } else {
      output.write(PrintableText(verbatim: try content()))
    }
    output.flush()
  }

  /// The value of a key that depends on the user, and that nothing names.
  private static func standard(_ key: String, _ configuration: Configuration) -> String {
    switch key {
    case "ledger.directory":
      (try? LedgerDirectory(
        option: nil, configured: nil, fileSystem: configuration.ledgerFileSystem))?.path ?? ""
    case "log.file.path": LogLocation.standard() ?? ""
    default: ""
    }
  }

  private func content() throws -> String {
    switch options.choice {
    case .packaged: return Configuration.packagedText
    case .minimal: throw Failure("--min-config stands for no file; show --effective has its values")
    case .file, .lookup:
      let file = try options.usedFile()
      return "Showing file: \(PrintableText.escaped(file.path))\n"
        + String(decoding: file.bytes, as: UTF8.self)
    }
  }
}
