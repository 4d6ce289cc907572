internal import Events
internal import Projections

/// A word that can be offered, and what a shell that has room for it says beside it.
struct Candidate: Equatable {
  let text: String
  let note: String

  init(_ text: String, note: String = "") {
    self.text = text
    self.note = note
  }

  /// As the completion functions of the parser return them: texts.
  var line: String { note.isEmpty ? text : "\(text)\t\(note)" }

  init(line: Substring) {
    let parts = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
    self.init(String(parts.first ?? ""), note: parts.count > 1 ? String(parts[1]) : "")
  }

  /// A name with control characters would break the line that it is told in, and a shell's prompt; one that begins with
  /// a dash is an option to the command.
  var isOfferable: Bool {
    !text.isEmpty && text.utf8.count <= Self.longest && !text.hasPrefix("-")
      && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }

  /// Job ids may be whole shell scripts; nobody picks one from a list.
  private static let longest = 256
}

enum Candidates {
  /// Of each kind: more helps nobody to choose.
  static let limit = 300

  /// Jobs; with the beginning of a word instances too; with an @ in it as job@instance. An empty word is completed to
  /// jobs alone: the only one that runs is then completed at once.
  static func instances(_ records: [InstanceRecord], _ prefix: String) -> [Candidate] {
    var jobs: [String: String] = [:]
    for record in records where jobs[record.job] == nil {
      jobs[record.job] = record.state.rawValue.lowercased()
    }
    let names = jobs.map { Candidate($0.key, note: $0.value) }.sorted { $0.text < $1.text }
    guard !prefix.isEmpty else { return names }
    let takesFullNames = prefix.contains("@")
    return names
      + records.map { record in
        let state = record.state.rawValue.lowercased()
        return takesFullNames
          ? Candidate(record.name, note: state)
          : Candidate(record.instance.text, note: "\(record.job), \(state)")
      }
  }
}
