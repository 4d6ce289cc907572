internal import Glibc
internal import Linux
internal import Spawn

/// A program of the system that is asked something.
enum SystemCommand {
  struct Answer {
    let code: Int32
    let output: String
    let errors: String
  }

  /// Runs it to its end.
  /// - Returns: nil where there is no such program.
  static func answer(_ words: [String]) throws -> Answer? {
    let output = try Descriptor.unnamedFile()
    let errors = try Descriptor.unnamedFile()
    var launch = Launch(
      words.map { Array($0.utf8) }, stdout: output.fd, stderr: errors.fd, defaultSignals: [SIGPIPE])
    launch.sharesProcessGroup = true
    // What it says is read by us, and not by a person.
    launch.variables = ["LC_ALL=C", "SYSTEMD_PAGER="].map { Array($0.utf8) }
    var child: Child
    do throws(SpawnError) { child = try launch.start() } catch {
      if case .notFound = error { return nil }
      throw error
    }
    let end = child.waitUntilEnd()
    let code: Int32 = if case .exited(let code) = end.outcome { code } else { 128 }
    return Answer(code: code, output: try text(output), errors: try text(errors))
  }

  private static func text(_ file: borrowing Descriptor) throws -> String {
    lseek(file.fd, 0, SEEK_SET)
    return String(decoding: try RawIO.readAll(file.fd, limit: 16 << 20), as: UTF8.self)
  }
}
