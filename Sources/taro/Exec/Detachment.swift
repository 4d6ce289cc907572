internal import CommandLineKit
internal import Glibc
internal import Linux
internal import Presentation
internal import Runner
internal import Spawn

/// Lets the run of `exec --detach` go on in the background; who asked for it is told its name, and goes on, too.
enum Detachment {
  /// Returns the exit code for whichever process returns.
  /// - Parameters:
  ///   - run: calls its argument once the instance is on record, and returns the run's exit code.
  static func run(_ name: String, _ run: (() -> Void) -> Int32) throws -> Int32 {
    switch try split(name) {
    case .background(let caller):
      var waiting: BackgroundProcess.Caller? = caller
      return run { waiting.take()?.release() }
    case .foreground(var background):
      if let code = background.wait() { return code }
      try RawIO.writeAll(1, "\(PrintableText.escaped(name))\n")
      return 0
    }
  }

  private static func split(_ name: String) throws -> BackgroundProcess {
    do throws(SystemCallError) { return try BackgroundProcess.split() } catch {
      guard error.call == "fork" else { throw error }
      throw Failure(
        "\(PrintableText.escaped(name)) cannot go to the background: \(ProcessRefusal(error.errno))",
        code: EX_OSERR)
    }
  }
}
