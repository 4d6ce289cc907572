internal import Linux
internal import Presentation

/// Prints lines of a job's output for a person: indented, as a terminal would have shown them but without colours, and each
/// cut where it is longer than anybody reads, for a line may be as long as the whole output.
package struct IndentedLines {
  private static let limit = 4096

  private let output: StandardOutput
  /// One byte more than fits says that there was more.
  private var line = TerminalLine(limit: limit + 1)
  private var isInLine = false

  package init(_ output: StandardOutput) { self.output = output }

  package mutating func take(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    while let feed = rest.firstIndex(of: 0x0a) {
      keep(rest[..<feed])
      isInLine = true
      finish()
      rest = rest[(feed + 1)...]
    }
    keep(rest)
    isInLine = !rest.isEmpty || isInLine
  }

  /// Something that is not the job's, on a line of its own.
  package mutating func note(_ text: String) {
    finish()
    output.write("  \(text)\n")
  }

  /// Ends a last line that has no end of its own.
  package mutating func finish() {
    guard isInLine else { return }
    isInLine = false
    let bytes = line.bytes
    let text = String(decoding: bytes.prefix(Self.limit), as: UTF8.self)
    output.write(bytes.isEmpty ? "\n" : "  \(text)\(bytes.count > Self.limit ? " ..." : "")\n")
    line.clear()
  }

  private mutating func keep(_ bytes: ArraySlice<UInt8>) { line.take(bytes) }
}
