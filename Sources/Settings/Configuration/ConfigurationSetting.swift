/// A value given with `--set KEY=VALUE`.
package struct ConfigurationSetting<Model: Configurable> {
  private let name: String
  private let value: String

  /// - Throws: when there is no equals sign; one after the first belongs to the value.
  init(_ text: String) throws(ConfigurationError) {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw ConfigurationError(
        "--set \(SettingError.quoted(text))",
        "there is no KEY=VALUE, for instance log.mode=off")
    }
    name = String(text[..<equals])
    value = String(text[text.index(after: equals)...])
  }

  /// The settings as a tree. Lists and mappings are written as `[a, b]` and `{k: v}`.
  func tree() throws(ConfigurationError) -> YAMLNode {
    var path = Model.table.named(name)?.path ?? name
    var node = try valueNode()
    while let dot = path.lastIndex(of: ".") {
      node = Self.mapping(String(path[path.index(after: dot)...]), node)
      path = String(path[..<dot])
    }
    return Self.mapping(path, node)
  }

  private static func mapping(_ key: String, _ value: YAMLNode) -> YAMLNode {
    YAMLNode(value: .mapping([YAMLNode.Entry(key: key, line: 1, value: value)]), line: 1)
  }

  private func valueNode() throws(ConfigurationError) -> YAMLNode {
    if value.hasPrefix("[") || value.hasPrefix("{") {
      do throws(YAMLError) {
        if let node = try YAMLReader.root(of: Array(value.utf8)) { return node }
      } catch {
        throw ConfigurationError("--set \(name)", error.reason)
      }
    }
    let plain = YAMLNode(value: .scalar(value, isPlain: true), line: 1)
    // Empty is a value of its own here, and not "nothing was said".
    return plain.isNull ? YAMLNode(value: .scalar(value, isPlain: false), line: 1) : plain
  }

  /// Changes a configuration by texts like `log.mode=off`; what cannot be done is thrown, all of it.
  package static func apply(
    _ texts: [String], to configuration: inout Model,
    surroundings: UserEnvironment = .current
  ) throws(ConfigurationError) {
    var problems: [ConfigurationProblem] = []
    for text in texts {
      let tree = try ConfigurationSetting(text).tree()
      var reader = ConfigurationReader<Model>(
        over: configuration, surroundings: surroundings, place: { _ in "--set" })
      reader.read(tree)
      configuration = reader.configuration
      problems += reader.problems
    }
    guard problems.isEmpty else { throw ConfigurationError(problems) }
  }
}
