internal import ArgumentParser
internal import CommandLineKit
internal import Presentation
internal import Settings

struct ConfigPath: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "path", abstract: "Print the path of the configuration file that is used.",
    discussion: """
        vim "$(taro config path)"
      """)

  @OptionGroup var options: ConfigurationOptions

  func run() throws {
    let output = StandardOutput()
    output.write(PrintableText(verbatim: try options.usedFile().path + "\n"))
    output.flush()
  }
}
