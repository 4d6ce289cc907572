internal import Linux

/// Reads a tree of keys into a configuration and collects everything that is wrong with it.
struct ConfigurationReader<Model: Configurable> {
  private(set) var configuration: Model
  private(set) var problems: [ConfigurationProblem] = []
  /// Keys that were given and do nothing, and why.
  private(set) var notes: [ConfigurationProblem] = []
  private let surroundings: UserEnvironment
  /// The name of a line's place, for messages.
  private let place: (Int) -> String
  /// The key, of several names for the same, that was given first, and its line.
  private var given: [String: (path: String, line: Int)] = [:]

  init(
    over configuration: Model, surroundings: UserEnvironment,
    place: @escaping (Int) -> String
  ) {
    self.configuration = configuration
    self.surroundings = surroundings
    self.place = place
  }

  mutating func read(_ root: YAMLNode) {
    guard !root.isNull else { return }
    guard case .mapping(let entries) = root.value else {
      return refuse(root.line, "the configuration is \(root.kindName), not a mapping of keys")
    }
    read(entries, below: "")
  }

  private mutating func read(_ entries: [YAMLNode.Entry], below prefix: String) {
    for entry in entries {
      let path = prefix + entry.key
      if let key = Model.table.byPath[path] {
        read(entry, key)
      } else if Model.table.sections.contains(path) {
        readSection(entry, path)
      } else {
        refuse(entry.line, unknown(path))
      }
    }
  }

  private mutating func readSection(_ entry: YAMLNode.Entry, _ path: String) {
    if entry.value.isNull { return }
    guard case .mapping(let entries) = entry.value.value else {
      let keys = Model.table.all.map(\.path).filter { $0.hasPrefix("\(path).") }
      return refuse(
        entry.line,
        "\(path) is \(entry.value.kindName), not a mapping; its keys are \(keys.joined(separator: ", "))"
      )
    }
    read(entries, below: "\(path).")
  }

  private mutating func read(_ entry: YAMLNode.Entry, _ key: ConfigurationKey<Model>) {
    if entry.value.isNull { return }
    let before = key.text(configuration)
    do throws(Refusal) { try key.read(entry.value, surroundings, &configuration) } catch {
      var value = ""
      if case .scalar(let text, _) = entry.value.value { value = " \(SettingError.quoted(text))" }
      return refuse(
        entry.value.line, "\(key.path)\(value): \(error.reason); accepted: \(key.accepted)")
    }
    let name = key.synonym ?? key.path
    let now = key.text(configuration)
    if let first = given[name], before != now {
      return refuse(
        entry.line,
        "\(key.path) \(now) contradicts \(first.path) \(before) in line \(first.line); "
          + "both are names for the same: leave one out")
    }
    given[name] = (key.path, entry.line)
    switch key.effect {
    case .full: break
    case .none: note(entry.line, "\(key.path) has no effect")
    }
  }

  private func unknown(_ path: String) -> String {
    let name = EscapedText.of(path)
    // The key in another place is as near as one with a slip in it.
    let last = path.split(separator: ".").last.map(String.init) ?? path
    let all = Model.table.all.map(\.path)
    let nearest =
      EditDistance.nearest(to: path, among: all + Model.table.sections.sorted())
      ?? all.first { $0.hasSuffix(".\(last)") }
    guard let nearest else { return "unknown key \(name)" }
    return "unknown key \(name); did you mean \(nearest)?"
  }

  private mutating func refuse(_ line: Int, _ message: String) {
    problems.append(ConfigurationProblem(place: place(line), message: message))
  }

  private mutating func note(_ line: Int, _ message: String) {
    notes.append(ConfigurationProblem(place: place(line), message: message))
  }
}
