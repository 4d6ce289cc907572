internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Glibc
internal import Linux
internal import Matching
internal import Presentation
internal import Runner
internal import Settings

struct ConfigCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Find all mistakes in the configuration file.",
    discussion: """
      Also what it names and is not there: plugins, the directory of the log. Each plugin is started and told of \
      nothing, so that it looks at its own settings.

      Exit code 78 when there are any.
      """)

  @OptionGroup var options: ConfigurationOptions

  func run() throws {
    let output = StandardOutput()
    do {
      let loaded = try options.loaded()
      for note in loaded.notes { output.write("\(note)\n") }
      for file in loaded.skipped { output.write("\(file)\n") }
      output.flush()
      let problems = try problems(loaded.configuration)
      for problem in problems { output.write("\(problem)\n") }
      let subject = loaded.path
      if problems.isEmpty {
        output.write(subject.map { "\($0): ok\n" } ?? "no file is used, the defaults hold\n")
      }
      output.flush()
      guard problems.isEmpty else { throw ExitCode(EX_CONFIG) }
    } catch let error as ConfigurationError {
      for problem in error.problems { output.write("\(problem)\n") }
      output.flush()
      throw ExitCode(EX_CONFIG)
    }
  }

  /// Finds things that the configuration names and that are not there.
  private func problems(_ configuration: Configuration) throws -> [String] {
    var problems: [String] = []
    for pattern in configuration.recordMask {
      do throws(RegularExpression.Refusal) { _ = try RegularExpression(pattern) } catch {
        problems.append("\(WatchOptions.refusal(error, of: pattern, "record.mask"))")
      }
    }
    if let directory = configuration.plugins.directory, Folder.isMissing(directory) {
      problems.append("plugin_directory: there is no \(directory)")
    }
    for name in configuration.plugins.names {
      if let problem = try problem(Plugin(name, configuration.plugins), configuration) {
        problems.append("plugins: \(problem)")
      }
    }
    for entry in configuration.plugins.settings
    where !configuration.plugins.names.contains(entry.key) {
      problems.append(
        "plugin_settings.\(entry.key): no such plugin is named under plugins, so it is told nothing"
      )
    }
    if let problem = Self.problem(configuration.log) { problems.append(problem) }
    return problems
  }

  private func problem(
    _ plugin: Plugin, _ configuration: Configuration
  ) throws -> String? {
    guard let path = plugin.path else {
      return plugin.refusal
        ?? "there is no executable \(Plugin.prefix)\(plugin.name); taro plugins tells where it is looked for"
    }
    let code = try SampleRun.check(
      plugin, path: path, timeout: configuration.plugins.timeout)
    return code == 0
      ? nil
      : "\(plugin.name) does not take its settings (exit code \(code)); it has said why on stderr"
  }

  private static func problem(_ log: LogSettings) -> String? {
    guard log.isOn, log.fileLevel != nil, let path = log.filePath else { return nil }
    let directory = path.split(separator: "/").dropLast().joined(separator: "/")
    guard Folder.isMissing("/\(directory)") else { return nil }
    return "log.file.path: there is no directory /\(directory); make it, or the log is not written"
  }
}
