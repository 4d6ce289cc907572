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
    var child = try start(input: input, stdout: 2, stderr: 2)
    switch child.waitUntilEnd().outcome {
    case .exited(0): return
    case .exited(let code): throw Failure(description: "\(arguments[0]): exit code \(code)")
    case .killed(let signal, _):
      throw Failure(description: "\(arguments[0]): killed by SIG\(Signals.name(signal))")
    }
  }
  /// Runs it to its end, with `input` on its stdin, and what it says on stderr left out.
  /// - Parameter limit: bytes of its stdout; who writes much more is ended.
  /// - Returns: its exit code, 128+N where signal N has killed it, and what it has written.
  package func output(input: [UInt8], limit: Int) throws -> (code: Int32, bytes: [UInt8]) {
    let null = try Descriptor.discarding()
    let pipe = try Descriptor.pipe()
    var child = try start(input: input, stdout: pipe.write.fd, stderr: null.fd)
    let bytes = try Self.read(Self.reader(pipe), limit: limit)
    return (child.waitUntilEnd().exitCode, bytes)
  }

  /// Closes the other end: what is read has an end only then.
  private static func reader(_ pipe: consuming Descriptor.Pipe) -> Descriptor { pipe.read }

  /// Nothing more is read afterwards: who goes on writing is ended by SIGPIPE.
  private static func read(_ reader: consuming Descriptor, limit: Int) throws -> [UInt8] {
    try RawIO.readAll(reader.fd, limit: limit)
  }

  private func start(input: [UInt8], stdout: Int32, stderr: Int32) throws -> Child {
    let file = try Descriptor.unnamedFile()
    try input.withUnsafeBytes { try RawIO.writeAll(file.fd, $0) }
    guard lseek(file.fd, 0, SEEK_SET) == 0 else { throw SystemCallError("lseek") }
    var launch = Launch(
      arguments.map { Array($0.utf8) }, stdout: stdout, stderr: stderr, defaultSignals: [SIGPIPE])
    launch.stdin = file.fd
    // The settings may hold what is nobody else's business. The variable stays: it tells who looks for a job's process
    // that this one is a plugin's.
    launch.variables = ([EnvironmentVariable.pluginConfiguration.assigned("")] + variables).map {
      Array($0.utf8)
    }
    launch.sharesProcessGroup = true
    do throws(SpawnError) { return try launch.start() } catch {
      throw Failure(description: error.description)
    }
  }
}
