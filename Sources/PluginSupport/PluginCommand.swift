internal import Events
internal import Glibc
internal import Linux
internal import Spawn

/// A command that a plugin runs. It belongs to the plugin's process group, so that taro ends both when their time is
/// over.
package struct PluginCommand {
  package var arguments: [String]
  /// `NAME=value`.
  package var variables: [String] = []

  package init(_ arguments: [String]) { self.arguments = arguments }

  /// The reason why it has not done its work, as the end of a sentence that begins with its name.
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  /// Runs it to its end, with `input` on its stdin. Its stdout and stderr are the plugin's stderr: what it says is found
  /// in the log.
  package func run(input: [UInt8]) throws {
    let file = try Descriptor.unnamedFile()
    try input.withUnsafeBytes { try RawIO.writeAll(file.fd, $0) }
    guard lseek(file.fd, 0, SEEK_SET) == 0 else { throw SystemCallError("lseek") }
    var launch = Launch(
      arguments.map { Array($0.utf8) }, stdout: 2, stderr: 2, defaultSignals: [SIGPIPE])
    launch.stdin = file.fd
    // The settings may hold what is nobody else's business. The variable stays: it tells who looks for a job's process
    // that this one is a plugin's.
    launch.variables = ([EnvironmentVariable.pluginConfiguration.assigned("")] + variables).map {
      Array($0.utf8)
    }
    launch.sharesProcessGroup = true
    var child: Child
    do throws(SpawnError) { child = try launch.start() } catch {
      throw Failure(description: error.description)
    }
    switch child.waitUntilEnd().outcome {
    case .exited(0): return
    case .exited(let code): throw Failure(description: "\(arguments[0]): exit code \(code)")
    case .killed(let signal, _):
      throw Failure(description: "\(arguments[0]): killed by SIG\(Signals.name(signal))")
    }
  }
}
