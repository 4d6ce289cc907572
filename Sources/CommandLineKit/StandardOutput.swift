package import Events
internal import Glibc
package import Linux
package import Presentation

/// The program's answer, collected and written in pieces of 64 KiB: printable text, documents, and bytes as they are.
///
/// One thread writes. A failed write does not return: see `end(after:)`.
package final class StandardOutput: PrintableOutput {
  private static let capacity = 64 << 10

  private let fd: Int32
  private let flushesLines: Bool
  private let onFailure: (Errno) -> Never
  private var buffer: [UInt8] = []

  /// - Parameters:
  ///   - fd: where it goes, not closed here; a pager's pipe instead of stdout.
  ///   - flushesLines: every write that contains an end of line goes out at once, for commands that
  ///     show what happens while it happens.
  ///   - onFailure: what ends the program when the text cannot be written; with a pager, something that
  ///     waits for it first.
  package init(
    fd: Int32 = 1, flushesLines: Bool = false,
    onFailure: @escaping (Errno) -> Never = { StandardOutput.end(after: $0) }
  ) {
    self.fd = fd
    self.flushesLines = flushesLines
    self.onFailure = onFailure
    buffer.reserveCapacity(StandardOutput.capacity)
  }

  deinit { flush() }

  package func write(_ text: PrintableText) {
    var text = text.text
    text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
  }

  /// Writes a document for programs, with the end of its line: JSON has escapes of its own.
  package func write(json: JSON) { write(PrintableText(verbatim: json.text + "\n")) }

  /// The same over several lines.
  package func write(pretty json: JSON) {
    write(PrintableText(verbatim: json.prettyText + "\n"))
  }

  /// Writes bytes as they are.
  package func write(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes { write($0) } }

  /// Writes bytes as they are.
  package func write(_ bytes: UnsafeRawBufferPointer) {
    if buffer.count + bytes.count > StandardOutput.capacity { flush() }
    guard bytes.count < StandardOutput.capacity else {
      writeOut(bytes)
      return
    }
    buffer.append(contentsOf: bytes)
    if flushesLines, bytes.contains(UInt8(ascii: "\n")) { flush() }
  }

  /// Writes out what has been collected; to be called before the program exits, which runs no deinit.
  package func flush() {
    guard !buffer.isEmpty else { return }
    buffer.withUnsafeBytes { writeOut($0) }
    buffer.removeAll(keepingCapacity: true)
  }

  private func writeOut(_ bytes: UnsafeRawBufferPointer) {
    do throws(SystemCallError) {
      try CallerLimits.writeAll(fd, bytes)
    } catch {
      onFailure(error.errno)
    }
  }

  /// Ends the program because nobody can read what it says. A reader that went away (`taro hist | head`)
  /// is no error worth a line: 141, as a shell sees a death by SIGPIPE, which taro ignores. Anything
  /// else, a full disk for instance, is told on stderr: 74, EX_IOERR of sysexits.h.
  package static func end(after errno: Errno) -> Never {
    if errno.code == EPIPE { exit(141) }
    // When stderr is gone too, the exit code is all that is left to say.
    StandardError.say("cannot write to stdout: \(errno.message)")
    exit(74)
  }
}
