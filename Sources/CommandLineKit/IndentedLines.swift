internal import Presentation

/// Prints lines of a job's output for a person: indented, made printable, and each cut where it is longer than anybody
/// reads, for a line may be as long as the whole output.
package struct IndentedLines {
  private static let limit = 4096

  private let output: StandardOutput
  private var line: [UInt8] = []
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
    // One byte more than fits says that there was more.
    let text = String(decoding: line.prefix(Self.limit), as: UTF8.self)
    output.write(line.isEmpty ? "\n" : "  \(text)\(line.count > Self.limit ? " ..." : "")\n")
    line.removeAll(keepingCapacity: true)
  }

  private mutating func keep(_ bytes: ArraySlice<UInt8>) {
    line += bytes.prefix(Self.limit + 1 - line.count)
  }
}
