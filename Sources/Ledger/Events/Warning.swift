/// Something about a run that somebody wanted to be told: the data of a `warning` event.
package struct Warning: Equatable, Sendable {
  package enum Kind: String, CaseIterable, Sendable { case time, output, silence }

  package var kind: Kind
  /// What was asked for, for instance the time or the expression.
  package var text: String
  /// How often it has happened in this run so far.
  package var count: Int64
  /// The last line that matched.
  package var last: String?

  package init(kind: Kind, text: String, count: Int64, last: String? = nil) {
    self.kind = kind
    self.text = text
    self.count = count
    self.last = last
  }

  package init(_ json: JSON) {
    kind = json["type"]?.string.flatMap(Kind.init) ?? .output
    text = json["text"]?.string ?? ""
    count = json["count"]?.integer ?? 1
    last = json["last"]?.string
  }

  package var json: JSON {
    .object(omittingNil: [
      ("type", .string(kind.rawValue)), ("text", .string(text)), ("count", .integer(count)),
      ("last", last.map { .string($0) }),
    ])
  }
}
