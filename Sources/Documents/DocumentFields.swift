internal import Events

/// The reason why JSON is not the document that it was taken for.
package struct DocumentError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The field, with the names of those that it is in: `output.bytes`, `warnings[].type`.
  package let field: String
  package let reason: String

  package var description: String { "\(field): \(reason)" }
}

/// Reads the members of one object. What a document does not have and could be `null` is nil; what it has beside them is
/// passed over, for a later version may have written it.
struct DocumentFields {
  private let json: JSON
  private let path: String

  init(_ json: JSON, in path: String = "") throws(DocumentError) {
    guard json.members != nil else {
      throw DocumentError(field: path.isEmpty ? "the document" : path, reason: "is no object")
    }
    self.json = json
    self.path = path
  }

  private func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// Returns nil where the field is not there, or null.
  func value(_ key: String) -> JSON? {
    guard let value = json[key], value != .null else { return nil }
    return value
  }

  private func required<Value>(
    _ key: String, _ type: String, _ read: (JSON) -> Value?
  ) throws(DocumentError) -> Value {
    guard let value = value(key) else {
      throw DocumentError(field: name(key), reason: "is missing")
    }
    guard let read = read(value) else {
      throw DocumentError(field: name(key), reason: "is no \(type)")
    }
    return read
  }

  private func optional<Value>(
    _ key: String, _ type: String, _ read: (JSON) -> Value?
  ) throws(DocumentError) -> Value? {
    value(key) == nil ? nil : try required(key, type, read)
  }

  /// Reads a field, or takes what stands for it in a document of a version that did not have it yet.
  private func added<Value>(
    _ key: String, before: Value?, _ read: (String) throws(DocumentError) -> Value
  ) throws(DocumentError) -> Value {
    if let before, json[key] == nil { return before }
    return try read(key)
  }

  /// - Parameter before: its value in documents of versions that did not have it; nil: each has it.
  func string(_ key: String, before: String? = nil) throws(DocumentError) -> String {
    try added(key, before: before) { (key) throws(DocumentError) in
      try required(key, "string") { $0.string }
    }
  }
  func text(_ key: String) throws(DocumentError) -> String? {
    try optional(key, "string") { $0.string }
  }
  func integer(_ key: String, before: Int64? = nil) throws(DocumentError) -> Int64 {
    try added(key, before: before) { (key) throws(DocumentError) in
      try required(key, "integer") { $0.integer }
    }
  }
  func count(_ key: String) throws(DocumentError) -> Int64? {
    try optional(key, "integer") { $0.integer }
  }
  func seq(_ key: String) throws(DocumentError) -> Seq {
    try required(key, "integer") { $0.seq }
  }
  func position(_ key: String) throws(DocumentError) -> Seq? {
    try optional(key, "integer") { $0.seq }
  }
  func number(_ key: String) throws(DocumentError) -> Double? {
    try optional(key, "number") { $0.number }
  }
  func bool(_ key: String, before: Bool? = nil) throws(DocumentError) -> Bool {
    try added(key, before: before) { (key) throws(DocumentError) in
      try required(key, "boolean") { $0.bool }
    }
  }
  func members(_ key: String) throws(DocumentError) -> [JSON.Member] {
    try required(key, "object") { $0.members }
  }

  func time(_ key: String) throws(DocumentError) -> WallTime {
    try required(key, "time") { $0.string.flatMap(Timestamp.time) }
  }
  func moment(_ key: String) throws(DocumentError) -> WallTime? {
    try optional(key, "time") { $0.string.flatMap(Timestamp.time) }
  }

  /// Microseconds.
  func bootTime(_ key: String) throws(DocumentError) -> BootTime {
    try required(key, "integer") { $0.bootTime }
  }

  /// Seconds as microseconds.
  func duration(_ key: String) throws(DocumentError) -> Int64? {
    try optional(key, "number of seconds") { json in
      json.number.flatMap { Int64(exactly: ($0 * 1_000_000).rounded()) }
    }
  }

  /// Reads what a text names: a state, an id.
  func named<Value>(
    _ key: String, _ type: String, _ read: (String) -> Value?
  ) throws(DocumentError) -> Value {
    try required(key, type) { $0.string.flatMap(read) }
  }

  func strings(_ key: String) throws(DocumentError) -> [String] {
    try required(key, "array of strings") { json in
      guard let values = json.array else { return nil }
      let texts = values.compactMap(\.string)
      return texts.count == values.count ? texts : nil
    }
  }

  func object<Value>(
    _ key: String, _ read: (DocumentFields) throws(DocumentError) -> Value
  ) throws(DocumentError) -> Value? {
    guard let value = value(key) else { return nil }
    return try read(DocumentFields(value, in: name(key)))
  }

  func objects<Value>(
    _ key: String, before: [Value]? = nil,
    _ read: (DocumentFields) throws(DocumentError) -> Value
  ) throws(DocumentError) -> [Value] {
    if let before, json[key] == nil { return before }
    let values = try required(key, "array") { $0.array }
    var result: [Value] = []
    for value in values { result.append(try read(DocumentFields(value, in: name(key) + "[]"))) }
    return result
  }
}

extension JSON {
  /// An object of these members, `null` where there is no value: a document has every field.
  init(document members: [(String, JSON?)]) {
    self = .object(members.map { JSON.Member($0, $1 ?? .null) })
  }

  static func text(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }
  static func position(_ seq: Seq?) -> JSON { seq.map { .seq($0) } ?? .null }
  static func count(_ number: Int64?) -> JSON { number.map { .integer($0) } ?? .null }

  static func time(_ time: WallTime?) -> JSON { .text(time.map(Timestamp.rfc3339)) }

  static func seconds(_ microseconds: Int64?) -> JSON {
    microseconds.map { .number(Double($0) / 1_000_000) } ?? .null
  }
}
