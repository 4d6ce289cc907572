/// Something about a run that somebody wanted to be told: the data of a `warning` event.
package struct Warning: Equatable, Sendable {
  package enum Kind: String, CaseIterable, Sendable { case time, output, silence }

  package var kind: Kind
  /// The condition that was asked for, for instance the time or the expression.
  package var text: String
  /// The number of times that it has happened in this run so far.
  package var count: Int64
  /// The last line that matched.
  package var last: String?
  /// Bytes of output that were not looked at: it would have taken too long.
  package var unmatchedBytes: Int64

  package init(
    kind: Kind, text: String, count: Int64, last: String? = nil, unmatchedBytes: Int64 = 0
  ) {
    self.kind = kind
    self.text = text
    self.count = count
    self.last = last
    self.unmatchedBytes = unmatchedBytes
  }

  package init(_ json: JSON) {
    kind = json["type"]?.string.flatMap(Kind.init) ?? .output
    text = json["text"]?.string ?? ""
    count = json["count"]?.integer ?? 1
    last = json["last"]?.string
    unmatchedBytes = json["unmatched_bytes"]?.integer ?? 0
  }

  package var json: JSON {
    .object(omittingNil: [
      ("type", .string(kind.rawValue)), ("text", .string(text)), ("count", .integer(count)),
      ("last", last.map { .string($0) }),
      ("unmatched_bytes", unmatchedBytes == 0 ? nil : .integer(unmatchedBytes)),
    ])
  }

  /// True when this tells of the same wish: the later one counts.
  package func isSame(as other: Warning) -> Bool { kind == other.kind && text == other.text }
}
