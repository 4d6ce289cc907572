internal import Glibc
internal import Linux

/// An error that keeps a plugin from working at all: a line for its stderr, which taro puts into the log, and the exit
/// code.
package struct PluginError: Error, Equatable, Sendable {
  package let message: String
  package let code: Int32

  /// Settings that cannot be used; the message names the key.
  package static func settings(_ message: String) -> PluginError {
    PluginError(message: message, code: EX_CONFIG)
  }
}

/// The voice of a plugin. Failures are counted: a plugin that could not do something ends with 1.
package struct PluginVoice {
  private let name: String
  package private(set) var failures = 0

  package init(_ name: String) { self.name = name }

  package mutating func fail(_ message: String) {
    failures += 1
    say(message)
  }

  private func say(_ message: String) {
    // Where stderr is gone, the exit code still tells.
    ErrorOutput.write(line: "\(name): \(message)")
  }

  /// Runs the plugin and ends the program: 0 done, 1 something failed, 78 the settings cannot be used.
  package static func run(
    _ name: String, _ body: (inout PluginVoice) throws -> Void
  ) -> Never {
    // What is started gets its stdin as a file; nothing here may die of a reader that went away.
    Signals.ignore(SIGPIPE)
    var voice = PluginVoice(name)
    do {
      try body(&voice)
    } catch let error as PluginError {
      voice.say(error.message)
      exit(error.code)
    } catch {
      voice.fail("\(error)")
    }
    exit(voice.failures == 0 ? 0 : 1)
  }
}
