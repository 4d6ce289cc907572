/// A word that can be offered, and what a shell that has room for it says beside it.
package struct Candidate: Equatable {
  package let text: String
  package let note: String

  package init(_ text: String, note: String = "") {
    self.text = text
    self.note = note
  }

  /// As the completion functions of the parser return them: texts.
  package var line: String { note.isEmpty ? text : "\(text)\t\(note)" }

  package init(line: Substring) {
    let parts = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
    self.init(String(parts.first ?? ""), note: parts.count > 1 ? String(parts[1]) : "")
  }

  /// A name with control characters would break the line that it is told in, and a shell's prompt; one that begins with
  /// a dash is an option to the command.
  package var isOfferable: Bool {
    !text.isEmpty && text.utf8.count <= Self.longest && !text.hasPrefix("-")
      && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }

  /// Job ids may be whole shell scripts; nobody picks one from a list.
  private static let longest = 256
}
