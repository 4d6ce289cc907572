package import Events

/// Two instances beside each other: what is not the same of them, and of what they printed.
package struct ComparisonDocument: Equatable, Sendable {
  package struct Run: Equatable, Sendable {
    package var job: String
    package var instance: InstanceID

    package init(job: String, instance: InstanceID) { (self.job, self.instance) = (job, instance) }
  }

  /// Something that is known of both, and is not the same.
  package struct Fact: Equatable, Sendable {
    package var name: String
    package var old: String?
    package var new: String?
    /// False for what is another in every run.
    package var counts: Bool

    package init(name: String, old: String?, new: String?, counts: Bool) {
      (self.name, self.old, self.new, self.counts) = (name, old, new, counts)
    }
  }

  package struct Line: Equatable, Sendable {
    package enum Kind: String, Sendable { case same, removed, added }
    package var kind: Kind
    package var text: String
    /// Only its first bytes are here.
    package var isCut: Bool
    /// The pieces of it that differ, where these were asked for.
    package var marked: [String]

    package init(kind: Kind, text: String, isCut: Bool, marked: [String]) {
      (self.kind, self.text, self.isCut, self.marked) = (kind, text, isCut, marked)
    }
  }

  /// Lines that differ, and some around them.
  package struct Hunk: Equatable, Sendable {
    /// The stream; nil where both are there, as they came.
    package var stream: OutputStream?
    /// Lines from 0.
    package var old: Range<Int64>
    package var new: Range<Int64>
    package var lines: [Line] = []

    package init(stream: OutputStream?, old: Range<Int64>, new: Range<Int64>) {
      (self.stream, self.old, self.new) = (stream, old, new)
    }
  }

  /// Something that could not be compared.
  package struct Missing: Equatable, Sendable {
    package enum Side: String, Sendable { case old, new }
    package enum Reason: String, Sendable { case damaged, dropped, lines }
    package var side: Side
    package var reason: Reason
    /// The number of bytes; nil where that is not known.
    package var bytes: Int64?

    package init(_ side: Side, _ reason: Reason, bytes: Int64?) {
      (self.side, self.reason, self.bytes) = (side, reason, bytes)
    }
  }

  package var old: Run
  package var new: Run
  package var differs = false
  package var facts: [Fact] = []
  package var hunks: [Hunk] = []
  package var missing: [Missing] = []
  /// False where there are more hunks, or more of the last one.
  package var isComplete = true

  package init(old: Run, new: Run) { (self.old, self.new) = (old, new) }

  package var json: JSON {
    JSON(document: [
      ("old", old.json), ("new", new.json), ("differs", .bool(differs)),
      ("facts", .array(facts.map(\.json))), ("hunks", .array(hunks.map(\.json))),
      ("missing", .array(missing.map(\.json))), ("complete", .bool(isComplete)),
    ])
  }

  package init(_ json: JSON) throws(DocumentError) {
    let fields = try DocumentFields(json)
    old = try fields.run("old")
    new = try fields.run("new")
    differs = try fields.bool("differs")
    facts = try fields.objects("facts") { fact throws(DocumentError) in
      Fact(
        name: try fact.string("name"), old: try fact.text("old"), new: try fact.text("new"),
        counts: try fact.bool("counts"))
    }
    hunks = try fields.objects("hunks") { hunk throws(DocumentError) in try Hunk(hunk) }
    missing = try fields.objects("missing") { missing throws(DocumentError) in
      Missing(
        try missing.named("run", "run") { Missing.Side(rawValue: $0) },
        try missing.named("reason", "reason that this version knows") {
          Missing.Reason(rawValue: $0)
        }, bytes: try missing.count("bytes"))
    }
    isComplete = try fields.bool("complete")
  }
}

extension ComparisonDocument.Run {
  fileprivate var json: JSON {
    JSON(document: [("job", .string(job)), ("instance", .string(instance.text))])
  }
}

extension ComparisonDocument.Fact {
  fileprivate var json: JSON {
    JSON(document: [
      ("name", .string(name)), ("old", .text(old)), ("new", .text(new)), ("counts", .bool(counts)),
    ])
  }
}

extension ComparisonDocument.Missing {
  fileprivate var json: JSON {
    JSON(document: [
      ("run", .string(side.rawValue)), ("reason", .string(reason.rawValue)),
      ("bytes", .count(bytes)),
    ])
  }
}

extension ComparisonDocument.Hunk {
  /// As in diff(1): the number of the first line, from 1, or where there is none of the line before.
  private static func start(_ range: Range<Int64>) -> Int64 {
    range.isEmpty ? range.lowerBound : range.lowerBound + 1
  }

  private static func range(start: Int64, count: Int64) -> Range<Int64> {
    let first = max(0, count > 0 ? start - 1 : start)
    return first..<first.addingReportingOverflow(max(0, count)).partialValue.clamped(from: first)
  }

  fileprivate var json: JSON {
    JSON(document: [
      ("stream", .text(stream?.name)), ("old_start", .integer(Self.start(old))),
      ("old_lines", .integer(Int64(old.count))), ("new_start", .integer(Self.start(new))),
      ("new_lines", .integer(Int64(new.count))), ("lines", .array(lines.map(\.json))),
    ])
  }

  fileprivate init(_ fields: DocumentFields) throws(DocumentError) {
    self.init(
      stream: try fields.text("stream").flatMap { OutputStream(name: $0) },
      old: Self.range(
        start: try fields.integer("old_start"), count: try fields.integer("old_lines")),
      new: Self.range(
        start: try fields.integer("new_start"), count: try fields.integer("new_lines")))
    lines = try fields.objects("lines") { line throws(DocumentError) in
      ComparisonDocument.Line(
        kind: try line.named("kind", "kind of line") { ComparisonDocument.Line.Kind(rawValue: $0) },
        text: try line.string("text"), isCut: try line.bool("cut"),
        marked: try line.strings("marked"))
    }
  }
}

extension Int64 {
  /// A sum that went over the end is the largest there is.
  fileprivate func clamped(from first: Int64) -> Int64 { self < first ? .max : self }
}

extension ComparisonDocument.Line {
  fileprivate var json: JSON {
    JSON(document: [
      ("kind", .string(kind.rawValue)), ("text", .string(text)), ("cut", .bool(isCut)),
      ("marked", .strings(marked)),
    ])
  }
}

extension DocumentFields {
  fileprivate func run(_ key: String) throws(DocumentError) -> ComparisonDocument.Run {
    let run = try object(key) { fields throws(DocumentError) in
      ComparisonDocument.Run(
        job: try fields.string("job"),
        instance: try fields.named("instance", "instance id") { InstanceID($0) })
    }
    guard let run else { throw DocumentError(field: key, reason: "is missing") }
    return run
  }
}
