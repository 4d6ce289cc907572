internal import Linux
internal import Synchronization

/// Lines that the program has to say besides its answer.
package enum StandardError {
  /// Set once, before there is a second thread.
  private static let program = Mutex("")

  /// The name that stands before each line.
  package static func begin(program name: String) { program.withLock { $0 = name } }

  /// Writes a line; what others chose in it is shown and not acted on.
  package static func say(_ text: String) {
    ErrorOutput.write(line: "\(program.withLock { $0 }): \(text)")
  }
}
