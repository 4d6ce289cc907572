package import Events
internal import Ledger
package import Projections

/// Compares the output of two instances line by line: first the lines as numbers, then, read once more, those that are
/// shown. Memory: 8 bytes for each line that is compared, and some more.
package struct OutputComparison {
  package struct Request: Sendable {
    /// The stream; nil for both, each by itself where both instances have two.
    package var stream: OutputStream?
    /// Also what is another in every run.
    package var isExact = false
    /// Lines around each difference.
    package var context = 3
    /// Lines of each output that are compared at most.
    package var maximumLines = 2_000_000
    /// Marks in lines what differs.
    package var marksWords = false

    package init() {}
  }

  package enum Side: Sendable { case old, new }

  package struct Line: Equatable, Sendable {
    package enum Kind: Sendable { case same, removed, added }
    package let kind: Kind
    package let bytes: ArraySlice<UInt8>
    package let isCut: Bool
    /// The differences in it, where these were asked for.
    package var marked: [Range<Int>] = []
  }

  package enum Item: Equatable, Sendable {
    /// The stream of what follows; nil: both, as they came.
    case stream(OutputStream?)
    /// Lines from 0 of each.
    case hunk(old: Range<Int>, new: Range<Int>)
    case line(Line)
    /// So much of one of them cannot be read, or was dropped by retention.
    case damaged(Side, bytes: Int64)
    case dropped(Side, bytes: Int64)
    /// It has more lines than are compared.
    case truncated(Side)
  }

  private let session: LedgerSession
  private let request: Request

  package init(_ request: Request, in session: LedgerSession) {
    (self.request, self.session) = (request, session)
  }

  /// - Parameter give: returns false to end it.
  /// - Returns: whether there was a difference.
  package func run(
    _ old: InstanceRecord, _ new: InstanceRecord, _ give: (Item) throws -> Bool
  ) throws -> Bool {
    var differs = false
    for stream in streams(old, new) {
      let (hasOne, goesOn) = try compare(old, new, stream, give)
      differs = differs || hasOne
      guard goesOn else { break }
    }
    return differs
  }

  private func streams(_ old: InstanceRecord, _ new: InstanceRecord) -> [OutputStream?] {
    if let stream = request.stream { return [stream] }
    // Of one stream for both nobody knows which was which.
    let isOne = [old, new].contains { $0.hasOneStream && $0.output.bytes > 0 }
    return isOne ? [nil] : OutputStream.allCases
  }

  private func texts(_ record: InstanceRecord, _ stream: OutputStream?) -> OutputTexts {
    OutputTexts(session.reader, record.instance, stream: stream)
  }

  private func compare(
    _ old: InstanceRecord, _ new: InstanceRecord, _ stream: OutputStream?,
    _ give: (Item) throws -> Bool
  ) throws -> (differs: Bool, goesOn: Bool) {
    let compared = try [old, new].map {
      try ComparedText(
        texts($0, stream), isExact: request.isExact, maximum: request.maximumLines)
    }
    for (text, side) in zip(compared, [Side.old, .new]) {
      if text.damagedBytes > 0, try !give(.damaged(side, bytes: text.damagedBytes)) {
        return (false, false)
      }
      if text.isDropped, try !give(.dropped(side, bytes: text.droppedBytes)) {
        return (false, false)
      }
      if text.isTruncated, try !give(.truncated(side)) { return (false, false) }
    }
    let differences = Difference.all(between: compared[0].keys, and: compared[1].keys)
    guard !differences.isEmpty else { return (false, true) }
    guard try give(.stream(stream)) else { return (true, false) }
    var (before, after) = (LineCursor(texts(old, stream)), LineCursor(texts(new, stream)))
    let ends = (compared[0].keys.count, compared[1].keys.count)
    for hunk in Hunk.all(differences, context: request.context, ends: ends) {
      guard try show(hunk, &before, &after, give) else { return (true, false) }
    }
    return (true, true)
  }

  private func show(
    _ hunk: Hunk, _ old: inout LineCursor, _ new: inout LineCursor, _ give: (Item) throws -> Bool
  ) throws -> Bool {
    guard try give(.hunk(old: hunk.old, new: hunk.new)) else { return false }
    try new.skip(to: hunk.new.lowerBound)
    for difference in hunk.differences {
      while new.number < difference.new.lowerBound, let line = try new.next() {
        guard try give(.line(Line(kind: .same, line))) else { return false }
      }
      try old.skip(to: difference.old.lowerBound)
      if request.marksWords, difference.old.count == difference.new.count,
        difference.old.count <= WordDifference.mostLines
      {
        guard try showPairs(difference.old.count, &old, &new, give) else { return false }
        continue
      }
      while old.number < difference.old.upperBound, let line = try old.next() {
        guard try give(.line(Line(kind: .removed, line))) else { return false }
      }
      while new.number < difference.new.upperBound, let line = try new.next() {
        guard try give(.line(Line(kind: .added, line))) else { return false }
      }
    }
    while new.number < hunk.new.upperBound, let line = try new.next() {
      guard try give(.line(Line(kind: .same, line))) else { return false }
    }
    return true
  }

  /// As many lines of one as of the other: each with the one in its place.
  private func showPairs(
    _ count: Int, _ old: inout LineCursor, _ new: inout LineCursor,
    _ give: (Item) throws -> Bool
  ) throws -> Bool {
    var (removed, added): ([Line], [Line]) = ([], [])
    for _ in 0..<count {
      guard let one = try old.next(), let other = try new.next() else { break }
      var (before, after) = (Line(kind: .removed, one), Line(kind: .added, other))
      (before.marked, after.marked) = WordDifference.marks(
        before.bytes, after.bytes, isExact: request.isExact)
      removed.append(before)
      added.append(after)
    }
    for line in removed + added {
      guard try give(.line(line)) else { return false }
    }
    return true
  }
}

extension OutputComparison.Line {
  init(kind: Kind, _ line: LineCursor.Line) {
    (self.kind, bytes, isCut) = (kind, line.bytes, line.isCut)
  }
}

extension InstanceRecord {
  /// stdout and stderr of the job were one and the same.
  var hasOneStream: Bool { created.hasOneStream || created.hasOwnTerminal }
}
