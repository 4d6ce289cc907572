internal import CommandLineKit
internal import Events
internal import Projections

/// The words under which a ledger's things are offered.
enum Candidates {
  /// The most words of each kind: more helps nobody to choose.
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
