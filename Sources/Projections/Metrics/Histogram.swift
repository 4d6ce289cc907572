/// Counts of what was measured, by bounds that it lies below. Microseconds.
package struct Histogram: Equatable, Sendable {
  package let bounds: [Int64]
  /// For each bound those that are not above it, and above the one before; the last counts those above all.
  private var counts: [Int64]
  package private(set) var sum: Int64 = 0

  /// - Parameter bounds: ascending.
  package init(_ bounds: [Int64]) {
    self.bounds = bounds
    counts = Array(repeating: 0, count: bounds.count + 1)
  }

  package mutating func add(_ microseconds: Int64) {
    counts[bounds.firstIndex { microseconds <= $0 } ?? bounds.count] += 1
    // Wrapping: what stands in a damaged ledger ends no program.
    sum &+= microseconds
  }

  /// - Parameter other: one with the same bounds.
  package mutating func add(_ other: Histogram) {
    for (index, count) in other.counts.enumerated() where index < counts.count {
      counts[index] += count
    }
    sum &+= other.sum
  }

  package var count: Int64 { counts.reduce(0, +) }

  /// For each bound, the number that is not above it.
  package var upToBounds: [Int64] {
    var sum: Int64 = 0
    return counts.dropLast().map { count in
      sum += count
      return sum
    }
  }
}
