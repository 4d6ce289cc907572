/// A value of a YAML document, and the line it begins in.
package struct YAMLNode: Equatable, Sendable {
  package enum Value: Equatable, Sendable {
    /// Plain: without quotes, so that `true`, `12` and `~` may mean more than their letters.
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    case mapping([Entry])
  }

  package struct Entry: Equatable, Sendable {
    package let key: String
    /// The line of the key, from 1.
    package let line: Int
    package var value: YAMLNode
  }

  package var value: Value
  /// From 1.
  package let line: Int

  /// `~`, `null`, or nothing behind the colon.
  package var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = value else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// The words for true and false of YAML 1.1, in any case; nil when it is neither.
  package static func bool(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "true", "yes", "on": true
    case "false", "no", "off": false
    default: nil
    }
  }

  /// The name of the node's kind, for messages.
  package var kindName: String {
    switch value {
    case .scalar: isNull ? "nothing" : "a single value"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }

  /// This mapping with the entries of another in it: theirs win, mappings in both are joined.
  func merging(_ other: YAMLNode) -> YAMLNode {
    guard case .mapping(var entries) = value, case .mapping(let others) = other.value else {
      return other
    }
    for entry in others {
      if let index = entries.firstIndex(where: { $0.key == entry.key }) {
        entries[index].value = entries[index].value.merging(entry.value)
      } else {
        entries.append(entry)
      }
    }
    return YAMLNode(value: .mapping(entries), line: line)
  }
}

extension YAMLNode {
  /// On one line, in the style that is also JSON where the words allow it: `{to: "me", port: 25}`.
  var flowText: String {
    switch value {
    case .scalar(let text, isPlain: true): text.isEmpty ? "~" : text
    case .scalar(let text, isPlain: false): Self.quoted(text)
    case .sequence(let items): "[\(items.map(\.flowText).joined(separator: ", "))]"
    case .mapping(let entries):
      "{\(entries.map { "\($0.key): \($0.value.flowText)" }.joined(separator: ", "))}"
    }
  }

  /// In double quotes (YAML 1.2, 5.7).
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        let digits = String(scalar.value, radix: 16)
        result += "\\U" + String(repeating: "0", count: 8 - digits.utf8.count) + digits
      default:
        if scalar == "\"" || scalar == "\\" { result += "\\" }
        result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
