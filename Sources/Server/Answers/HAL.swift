internal import Events

/// Documents with links (draft-kelly-json-hal).
enum HAL {
  struct Link: Sendable {
    let relation: String
    let href: String

    init(_ relation: String, _ href: String) {
      self.relation = relation
      self.href = href
    }
  }

  static func links(_ links: [Link]) -> JSON.Member {
    JSON.Member(
      "_links",
      .object(
        links.map { link in
          JSON.Member(link.relation, .object([JSON.Member("href", .string(link.href))]))
        }))
  }

  /// A list of documents of one kind.
  static func list(_ name: String, _ documents: [JSON], _ links: [Link]) -> JSON {
    .object([
      Self.links(links),
      JSON.Member("_embedded", .object([JSON.Member(name, .array(documents))])),
    ])
  }

  /// The document with links in front of its own members.
  static func document(_ json: JSON, _ links: [Link]) -> JSON {
    .object([Self.links(links)] + (json.members ?? []))
  }
}
