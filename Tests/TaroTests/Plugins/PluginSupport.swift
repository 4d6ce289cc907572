internal import Events
import Glibc
import Linux
import TestSupport
import Testing

/// Plugins that tests write, and a configuration that names them.
extension TaroProgram {
  var pluginDirectory: String { "\(root)/plugins" }
  var configurationFile: String { "\(root)/taro.yaml" }
  var logFile: String { "\(root)/taro.log" }

  /// A shell script; $DIR in it is a place for what it has to tell.
  func makePlugin(_ name: String, _ script: String, mode: mode_t = 0o755) throws {
    mkdir(pluginDirectory, 0o755)
    let path = "\(pluginDirectory)/taro-plugin-\(name)"
    try Files.write(Array("#!/bin/sh\nDIR='\(root)'\n\(script)\n".utf8), to: path)
    chmod(path, mode)
  }

  /// - Parameter settings: YAML for `plugin_settings`, its lines as they are.
  func configure(
    _ plugins: String..., directory: String? = nil, timeout: String = "30s", settings: String = ""
  ) throws {
    let text = """
      log: {mode: on, stdout: {level: off}, file: {path: \(logFile)}}
      plugins: [\(plugins.joined(separator: ", "))]
      plugin_directory: \(directory ?? pluginDirectory)
      plugin_timeout: \(timeout)
      """
    let all = text + (settings.isEmpty ? "\n" : "\nplugin_settings:\n\(settings)\n")
    try Files.write(Array(all.utf8), to: configurationFile)
  }

  /// Runs a job with those plugins to its end.
  @discardableResult
  func execWithPlugins(
    _ id: String, _ words: String..., change: (inout Setup) -> Void = { _ in }
  ) throws -> TaroResult {
    let arguments = ["exec", "-C", configurationFile, "--id", id] + words
    return try start(bytes: arguments.map { Array($0.utf8) }, change: change).finish()
  }

  /// What a plugin has written into $DIR.
  func told(_ file: String = "told") throws -> [String] { try Files.lines("\(root)/\(file)") }

  func kinds(_ file: String = "told") throws -> [String] {
    try told(file).map { try #require(try JSON(parsing: $0)["kind"]?.string) }
  }

  /// The lines of the log that are about plugins.
  func pluginLog() throws -> [String] {
    try Files.lines(logFile).filter { $0.contains("event=[plugin_") }
  }
}
