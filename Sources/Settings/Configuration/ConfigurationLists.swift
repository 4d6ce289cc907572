/// Kinds of values that are lists.

extension ConfigurationValue<[String]> {
  /// A text, or a list of texts, whatever is in them.
  static let texts = ConfigurationValue(
    accepted: "a text, or a list of texts",
    read: { node, _ throws(Refusal) in try texts(of: node) },
    text: { texts in node(texts).flowText })

  fileprivate static func texts(of node: YAMLNode) throws(Refusal) -> [String] {
    var texts: [String] = []
    for node in items(of: node) {
      guard case .scalar(let text, _) = node.value else {
        throw Refusal("it has \(node.kindName) in it, not only texts")
      }
      if !text.isEmpty { texts.append(text) }
    }
    return texts
  }

  fileprivate static func node(_ texts: [String]) -> YAMLNode {
    YAMLNode(
      value: .sequence(texts.map { YAMLNode(value: .scalar($0, isPlain: false), line: 1) }), line: 1
    )
  }

  fileprivate static func items(of node: YAMLNode) -> [YAMLNode] {
    if case .sequence(let items) = node.value { items } else { [node] }
  }
}

extension ConfigurationValue<[JobExitCodes]> {
  /// As rules of plugins have their jobs: `[{jobs: ["rsync-*"], codes: [24]}]`.
  static let exitCodes = ConfigurationValue(
    accepted: "a list of mappings with codes from 0 to 255, and jobs, which are globs of job ids",
    read: { node, _ throws(Refusal) in
      var entries: [JobExitCodes] = []
      for item in ConfigurationValue<[String]>.items(of: node) where !isEmpty(item) {
        entries.append(try entry(item))
      }
      return entries
    },
    text: { entries in
      let nodes = entries.map { entry in
        YAMLNode(
          value: .mapping([
            YAMLNode.Entry(
              key: "jobs", line: 1, value: ConfigurationValue<[String]>.node(entry.jobs)),
            YAMLNode.Entry(
              key: "codes", line: 1,
              value: YAMLNode(
                value: .sequence(
                  entry.codes.map { YAMLNode(value: .scalar("\($0)", isPlain: true), line: 1) }),
                line: 1)),
          ]), line: 1)
      }
      return YAMLNode(value: .sequence(nodes), line: 1).flowText
    })

  private static func isEmpty(_ node: YAMLNode) -> Bool {
    if case .scalar(let text, _) = node.value { text.isEmpty } else { false }
  }

  private static func entry(_ node: YAMLNode) throws(Refusal) -> JobExitCodes {
    guard case .mapping(let members) = node.value else {
      throw Refusal("it has \(node.kindName) in it, not only mappings")
    }
    var entry = JobExitCodes(jobs: [], codes: [])
    for member in members {
      let texts = try ConfigurationValue<[String]>.texts(of: member.value)
      switch member.key {
      case "jobs": entry.jobs = texts
      case "codes": entry.codes = try codes(texts)
      default: throw Refusal("it knows no \(SettingError.quoted(member.key))")
      }
    }
    guard !entry.codes.isEmpty else { throw Refusal("an entry has no codes") }
    return entry
  }

  private static func codes(_ texts: [String]) throws(Refusal) -> [Int64] {
    var codes: Set<UInt8> = []
    for text in texts {
      guard let code = UInt8(text) else {
        throw Refusal("\(SettingError.quoted(text)) is no exit code")
      }
      codes.insert(code)
    }
    return codes.sorted().map { Int64($0) }
  }
}
