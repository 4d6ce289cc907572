package import Events
internal import Linux

/// The settings that taro.yaml has under `plugin_settings.NAME`, or a mapping inside them.
package struct PluginConfiguration: Sendable {
  private let members: [JSON.Member]
  /// The beginning of each setting's name in a message: "" or `rules[2].`.
  let prefix: String

  package static let variable = EnvironmentVariable.pluginConfiguration.name

  /// Reads the settings that taro has put into the environment.
  package static func fromEnvironment() throws(PluginError) -> PluginConfiguration {
    let text = Environment.value(variable) ?? "{}"
    let json: JSON
    do throws(JSON.SyntaxError) { json = try JSON(parsing: text) } catch {
      throw .settings("\(variable) is no JSON: \(error)")
    }
    return try PluginConfiguration(json)
  }

  package init(_ json: JSON) throws(PluginError) { try self.init(json, prefix: "") }

  private init(_ json: JSON, prefix: String) throws(PluginError) {
    guard let members = json.members else {
      throw .settings("\(prefix.isEmpty ? "the settings" : "\(prefix.dropLast())") is no mapping")
    }
    self.members = members
    self.prefix = prefix
  }

  private func value(_ key: String) -> JSON? {
    let value = members.last { $0.key == key }?.value
    return value == .null ? nil : value
  }

  package func refuseKeys(besides known: [String]) throws(PluginError) {
    for member in members where !known.contains(member.key) {
      throw .settings(
        "\(prefix)\(member.key) is unknown; the settings are: \(known.joined(separator: ", "))")
    }
  }

  /// A word, or a list of words; nil when it is not there. Numbers are words too, as they were written.
  package func words(_ key: String) throws(PluginError) -> [String]? {
    guard let value = value(key) else { return nil }
    var words: [String] = []
    for item in value.array ?? [value] {
      guard let word = item.string ?? item.integer.map(String.init) ?? item.bool.map(String.init)
      else { throw .settings("\(prefix)\(key) has to be a word, or a list of words") }
      words.append(word)
    }
    return words
  }

  package func word(_ key: String) throws(PluginError) -> String? {
    guard let words = try words(key) else { return nil }
    guard words.count == 1 else { throw .settings("\(prefix)\(key) has to be one word") }
    return words[0]
  }

  package func count(_ key: String, upTo limit: Int) throws(PluginError) -> Int? {
    guard let value = value(key) else { return nil }
    guard let count = value.integer, (0...Int64(limit)).contains(count) else {
      throw .settings("\(prefix)\(key) has to be a number from 0 to \(limit)")
    }
    return Int(count)
  }

  /// A command and its arguments: a list as it is, or one text that is taken apart at its blanks. Never a shell.
  package func command(_ key: String) throws(PluginError) -> [String]? {
    guard var words = try words(key) else { return nil }
    if value(key)?.array == nil { words = words[0].split(separator: " ").map(String.init) }
    guard let program = words.first, !program.isEmpty else {
      throw .settings("\(prefix)\(key) names no command")
    }
    return words
  }

  /// A list of mappings; nil when it is not there.
  package func sections(_ key: String) throws(PluginError) -> [PluginConfiguration]? {
    guard let value = value(key) else { return nil }
    guard let items = value.array else {
      throw .settings("\(prefix)\(key) has to be a list of mappings")
    }
    var sections: [PluginConfiguration] = []
    for (index, item) in items.enumerated() {
      sections.append(
        try PluginConfiguration(item, prefix: "\(prefix)\(key)[\(index + 1)]."))
    }
    return sections
  }

  /// The settings `states`, `warnings` and `jobs`.
  package func selection(default states: [String]) throws(PluginError) -> Selection {
    try Selection(
      states: try words("states") ?? states, warnings: try words("warnings") ?? [],
      jobs: try words("jobs") ?? [], prefix: prefix)
  }
}
