internal import ArgumentParser
internal import CommandLineKit
internal import Glibc
internal import Presentation
internal import Settings

struct ConfigCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Find all mistakes in the configuration file.",
    discussion: "Exit code 78 when there are any.")

  @OptionGroup var options: ConfigurationOptions

  func run() throws {
    let output = StandardOutput()
    do throws(ConfigurationError) {
      let loaded = try options.loaded()
      for note in loaded.notes { output.write("\(note)\n") }
      for file in loaded.skipped { output.write("\(file)\n") }
      let subject = loaded.path
      output.write(subject.map { "\($0): ok\n" } ?? "no file is used, the defaults hold\n")
      output.flush()
    } catch {
      for problem in error.problems { output.write("\(problem)\n") }
      output.flush()
      throw ExitCode(EX_CONFIG)
    }
  }
}
