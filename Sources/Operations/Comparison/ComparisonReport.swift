package import Documents
package import Events
internal import Linux
internal import Projections

/// Makes a document of what two instances have not in common. It holds so much and no more: what takes all of it has
/// ``OutputComparison``.
package struct ComparisonReport {
  /// Lines that it has at most, those around differences included, and bytes of lines.
  package static let mostLines = 10_000
  private static let mostBytes = 4 << 20

  private let choice: ComparisonChoice
  private let request: OutputComparison.Request
  private let limit: Int

  package init(
    _ choice: ComparisonChoice, _ request: OutputComparison.Request,
    limit: Int = ComparisonReport.mostLines
  ) {
    (self.choice, self.request, self.limit) = (choice, request, limit)
  }

  package func document(in session: LedgerSession, bootNow: BootTime) throws -> ComparisonDocument {
    let (old, new) = (choice.old, choice.new)
    let comparison = InstanceComparison(
      InstanceDocument(old, bootNow: bootNow), InstanceDocument(new, bootNow: bootNow))
    var document = ComparisonDocument(
      old: .init(job: old.job, instance: old.instance),
      new: .init(job: new.job, instance: new.instance))
    document.facts = comparison.facts.filter { !$0.isSame }.map {
      .init(name: $0.name, old: Self.text($0.old), new: Self.text($0.new), counts: $0.counts)
    }
    var stream: OutputStream?
    var (lines, bytes) = (limit, Self.mostBytes)
    let differs = try OutputComparison(request, in: session).run(old, new) { item in
      switch item {
      case .stream(let next): stream = next
      case .hunk(let old, let new):
        guard lines > 0, bytes > 0 else {
          document.isComplete = false
          return false
        }
        document.hunks.append(.init(stream: stream, old: Self.range(old), new: Self.range(new)))
      case .line(let line):
        guard lines > 0, bytes > 0 else {
          document.isComplete = false
          return false
        }
        (lines, bytes) = (lines - 1, bytes - line.bytes.count)
        document.hunks[document.hunks.count - 1].lines.append(.init(line))
      case .damaged(let side, let bytes):
        document.missing.append(.init(side.named, .damaged, bytes: bytes))
      case .dropped(let side, let bytes):
        document.missing.append(.init(side.named, .dropped, bytes: bytes > 0 ? bytes : nil))
      case .truncated(let side): document.missing.append(.init(side.named, .lines, bytes: nil))
      }
      return true
    }
    document.differs = differs || comparison.differs
    return document
  }

  private static func range(_ range: Range<Int>) -> Range<Int64> {
    Int64(range.lowerBound)..<Int64(range.upperBound)
  }

  private static func text(_ value: InstanceComparison.Fact.Value) -> String? {
    switch value {
    case .text(let text): text
    case .words(let words): ShellWord.line(words)
    case .duration(let time): time.map(DurationText.short)
    case .bytes(let count), .count(let count): count.map(String.init)
    }
  }
}

extension OutputComparison.Side {
  fileprivate var named: ComparisonDocument.Missing.Side { self == .old ? .old : .new }
}

extension ComparisonDocument.Line {
  fileprivate init(_ line: OutputComparison.Line) {
    let kind: Kind =
      switch line.kind {
      case .same: .same
      case .removed: .removed
      case .added: .added
      }
    self.init(
      kind: kind, text: String(decoding: line.bytes, as: UTF8.self), isCut: line.isCut,
      marked: line.marked.map { range in
        String(decoding: line.bytes.dropFirst(range.lowerBound).prefix(range.count), as: UTF8.self)
      })
  }
}
