/// The places of an old ledger's events in the new one: runs of positions that were moved alike, of which there are as
/// many as there are places of damage.
package struct PositionMap: Equatable, Sendable {
  private struct Run: Equatable {
    let old: Seq
    let new: Seq
    var count: Int64
  }

  private var runs: [Run] = []

  package init() {}

  package var isEmpty: Bool { runs.isEmpty }

  /// Positions come in order.
  package mutating func add(old: Seq, new: Seq) {
    if let last = runs.last, last.old + last.count == old, last.new + last.count == new {
      runs[runs.count - 1].count += 1
    } else {
      runs.append(Run(old: old, new: new, count: 1))
    }
  }

  /// That of the last event at or before the old position; 0 where there is none.
  package func new(of old: Seq) -> Seq {
    // Binary search: the first run behind it.
    var low = 0
    var high = runs.count
    while low < high {
      let middle = (low + high) / 2
      if runs[middle].old <= old { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return .start }
    let run = runs[low - 1]
    return run.new + min(old - run.old, run.count - 1)
  }

  // MARK: As it stands in an event

  /// More are not written down: whoever needs them begins anew.
  private static let largestCount = 200

  /// Each as its first position, where that stands now, and how many there are; nil where there are none, or too many.
  package var json: JSON? {
    guard !runs.isEmpty, runs.count <= Self.largestCount else { return nil }
    return .array(runs.map { .array([.seq($0.old), .seq($0.new), .integer($0.count)]) })
  }

  /// Fails when the JSON is no map: its runs are in order and apart.
  package init?(_ json: JSON) {
    guard case .array(let items) = json, items.count <= Self.largestCount else { return nil }
    var (old, new) = (Seq.first, Seq.first)
    for item in items {
      guard case .array(let numbers) = item, numbers.count == 3,
        let first = numbers[0].seq, let moved = numbers[1].seq,
        let count = numbers[2].integer, first >= old, moved >= new,
        (1...Seq.largest.number).contains(count), first <= .largest, moved <= .largest
      else { return nil }
      runs.append(Run(old: first, new: moved, count: count))
      (old, new) = (first + count, moved + count)
    }
  }
}
