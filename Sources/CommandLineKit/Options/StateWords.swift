package import Events
internal import Settings

/// States as options take them: by name, by group, and `ended` or `live` for all of these.
package enum StateWords {
  /// Returns the states of a word, which may be in any case, with `_` or `-`; nil for one that is no such word.
  package static func states(_ word: String) -> Set<InstanceState>? {
    let name = word.lowercased().replacing("-", with: "_")
    if let state = InstanceState(name: name) { return [state] }
    switch name {
    case "ended": return Set(InstanceState.allCases.filter(\.isTerminal))
    case "live": return Set(InstanceState.allCases.filter { !$0.isTerminal })
    default:
      guard let group = InstanceState.Group(rawValue: name) else { return nil }
      return Set(InstanceState.allCases.filter { $0.group == group })
    }
  }

  /// Words that are no states' names.
  package static var others: [String] {
    let names = Set(InstanceState.allCases.map { $0.rawValue.lowercased() })
    return ["ended", "live"]
      + InstanceState.Group.allCases.map(\.rawValue).filter { !names.contains($0) }
  }

  /// The word that was meant; nil where none is near enough.
  package static func nearest(to word: String) -> String? {
    EditDistance.nearest(
      to: word.lowercased(),
      among: InstanceState.allCases.map { $0.rawValue.lowercased() } + others)
  }
}
