/// A position in the ledger's one stream of events: from 1, gapless.
///
/// Adding and subtracting stop at the ends of what there is: the numbers may come from a damaged ledger, and end no
/// program.
package struct Seq: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let number: Int64

  package init(_ number: Int64) { self.number = number }

  /// The place before the first event.
  package static var start: Self { Self(0) }

  /// The position of the first event.
  package static var first: Self { Self(1) }

  /// The place behind any event.
  package static var max: Self { Self(.max) }

  /// No ledger comes so far; what says so is forged.
  package static var largest: Self { Self(1 << 60) }

  package var description: String { "\(number)" }

  package static func < (earlier: Self, later: Self) -> Bool { earlier.number < later.number }

  /// The number of events from one to the other.
  package static func - (later: Self, earlier: Self) -> Int64 {
    Saturated.difference(later.number, earlier.number)
  }

  package static func + (seq: Self, count: Int64) -> Self {
    Self(Saturated.sum(seq.number, count))
  }

  package static func - (seq: Self, count: Int64) -> Self {
    Self(Saturated.difference(seq.number, count))
  }

  package static func += (seq: inout Self, count: Int64) { seq = seq + count }
}

extension ClosedRange<Seq> {
  /// The number of positions in it.
  package var length: Int64 { Saturated.sum(upperBound - lowerBound, 1) }
}

/// A position as the data of events has it.
extension JSON {
  package static func seq(_ seq: Seq) -> JSON { .integer(seq.number) }

  package var seq: Seq? { integer.map { Seq($0) } }
}
