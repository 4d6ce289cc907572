package import Events
internal import Testing

/// What docs/json.md promises of one kind of document, read from its table, and held against real documents.
package struct JSONContract {
  package struct Field: Equatable, Sendable {
    package let type: String
    package let mayBeNull: Bool
  }

  package let fields: [String: Field]
  /// The document's example, as it stands in docs/json.md.
  package let example: String
  private var seen: Set<String> = []
  private var seenNull: Set<String> = []

  /// - Parameter heading: of the section, for instance "The instance document".
  package init(_ heading: String) throws {
    let text = try Files.text(Self.path)
    let sections = text.split(separator: "\n## ").map { $0.split(separator: "\n") }
    let section = try #require(sections.first { $0.first == heading[...] })
    var fields: [String: Field] = [:]
    for line in section where line.hasPrefix("| `") {
      let cells = line.split(separator: "|").map { $0.split(separator: " ").joined(separator: " ") }
      try #require(cells.count == 4, "\(line)")
      let name = String(cells[0].dropFirst().dropLast())
      try #require(fields[name] == nil, "\(name) stands there twice")
      fields[name] = Field(type: cells[1], mayBeNull: cells[2] != "never")
    }
    try #require(!fields.isEmpty)
    self.fields = fields
    let example = section.drop { $0 != "```json" }.dropFirst().prefix { $0 != "```" }
    self.example = example.joined(separator: "\n")
  }

  private static var path: String {
    // Tests/TestSupport/ is two levels below the package.
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return "/\(root)/docs/json.md"
  }

  /// Holds a document against the table. Returns what does not fit.
  package mutating func check(_ document: JSON) -> [String] {
    var complaints: [String] = []
    check(document, under: "", &complaints)
    return complaints
  }

  /// Fields that no document has had so far, and those that may be null and never were.
  package var neverSeen: [String] {
    fields.keys.filter { !seen.contains($0) }.sorted()
      + fields.filter { $0.value.mayBeNull && !seenNull.contains($0.key) }.keys.sorted()
      .map { "\($0) as null" }
  }

  private mutating func check(_ object: JSON, under prefix: String, _ complaints: inout [String]) {
    let members = object.members ?? []
    for member in members { checkMember(member, prefix, &complaints) }
    let names = Set(members.map { prefix + $0.key })
    if names.count != members.count { complaints.append("\(prefix): a key twice") }
    for field in fields.keys where field.hasPrefix(prefix) {
      let rest = field.dropFirst(prefix.count)
      if !rest.contains("."), !names.contains(field) { complaints.append("\(field) is missing") }
    }
  }

  private mutating func checkMember(
    _ member: JSON.Member, _ prefix: String, _ complaints: inout [String]
  ) {
    let name = prefix + member.key
    guard let field = fields[name] else {
      complaints.append("\(name) is not documented")
      return
    }
    if member.value == .null {
      seenNull.insert(name)
      if !field.mayBeNull { complaints.append("\(name) is null") }
      return
    }
    seen.insert(name)
    guard Self.type(member.value, is: field.type) else {
      complaints.append("\(name) is no \(field.type): \(member.value.text)")
      return
    }
    // What has no fields in the table is open: params, data.
    let isOpen = !fields.keys.contains { $0.hasPrefix("\(name).") || $0.hasPrefix("\(name)[].") }
    guard !isOpen else { return }
    if member.value.members != nil { check(member.value, under: "\(name).", &complaints) }
    for element in member.value.array ?? [] { check(element, under: "\(name)[].", &complaints) }
  }

  private static func type(_ value: JSON, is type: String) -> Bool {
    switch (type, value) {
    case ("string", .string), ("integer", .integer), ("number", .number), ("number", .integer),
      ("object", .object), ("boolean", .bool):
      true
    case ("time", .string(let text)):
      text.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}Z/) != nil
    case ("array of string", .array(let values)): values.allSatisfy { $0.string != nil }
    case ("array of object", .array(let values)): values.allSatisfy { $0.members != nil }
    default: false
    }
  }
}
