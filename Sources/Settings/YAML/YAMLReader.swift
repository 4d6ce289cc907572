internal import CYAML

/// The reason why a text is not YAML that taro reads, and the line.
package struct YAMLError: Error, Equatable {
  package let line: Int
  package let reason: String
}

/// One YAML document as a tree.
///
/// What no configuration needs and what makes readers of YAML grow or crash is refused by name: aliases, tags, a second
/// document, keys that are no text, deep nesting.
package enum YAMLReader {
  static let depthLimit = 32

  /// The document's root; nil when there is nothing but comments.
  package static func root(of bytes: [UInt8]) throws(YAMLError) -> YAMLNode? {
    guard !bytes.isEmpty else { return nil }
    let result: Result<YAMLNode?, YAMLError> = unsafe bytes.withUnsafeBufferPointer { input in
      do throws(YAMLError) {
        var events = try unsafe YAMLEvents(input)
        return .success(try document(&events))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private static func document(_ events: inout YAMLEvents) throws(YAMLError) -> YAMLNode? {
    var root: YAMLNode?
    while true {
      let event = try events.next()
      switch event.kind {
      case .end: return root
      case .structure: continue
      default:
        guard root == nil else {
          throw YAMLError(line: event.line, reason: "there is a second document; only one is read")
        }
        root = try node(event, &events, depth: 0)
      }
    }
  }

  private static func node(
    _ event: YAMLEvents.Event, _ events: inout YAMLEvents, depth: Int
  ) throws(YAMLError) -> YAMLNode {
    guard depth < depthLimit else {
      throw YAMLError(line: event.line, reason: "it is nested deeper than \(depthLimit) levels")
    }
    let value: YAMLNode.Value =
      switch event.kind {
      case .scalar(let text, let isPlain): .scalar(text, isPlain: isPlain)
      case .sequenceStart: .sequence(try sequence(&events, depth: depth + 1))
      case .mappingStart: .mapping(try mapping(&events, depth: depth + 1))
      case .end, .structure, .collectionEnd:
        throw YAMLError(line: event.line, reason: "a value is expected")
      }
    return YAMLNode(value: value, line: event.line)
  }

  private static func sequence(
    _ events: inout YAMLEvents, depth: Int
  ) throws(YAMLError) -> [YAMLNode] {
    var items: [YAMLNode] = []
    while true {
      let event = try events.next()
      if case .collectionEnd = event.kind { return items }
      items.append(try node(event, &events, depth: depth))
    }
  }

  private static func mapping(
    _ events: inout YAMLEvents, depth: Int
  ) throws(YAMLError) -> [YAMLNode.Entry] {
    var entries: [YAMLNode.Entry] = []
    var lines: [String: Int] = [:]
    while true {
      let event = try events.next()
      if case .collectionEnd = event.kind { return entries }
      guard case .scalar(let key, _) = event.kind else {
        throw YAMLError(line: event.line, reason: "a key has to be a single word")
      }
      if let first = lines.updateValue(event.line, forKey: key) {
        let name = SettingError.quoted(key)
        throw YAMLError(
          line: event.line, reason: "the key \(name) is there twice, first in line \(first)")
      }
      let value = try node(try events.next(), &events, depth: depth)
      entries.append(YAMLNode.Entry(key: key, line: event.line, value: value))
    }
  }
}
