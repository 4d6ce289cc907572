import Operations
import TestSupport
import Testing

@Suite("The differences of two sequences")
struct DifferenceTests {
  /// What the differences leave of both, and how many elements are in them.
  private func apply(
    _ differences: [Difference], _ old: [UInt64], _ new: [UInt64]
  ) -> (same: Bool, count: Int) {
    var (i, j, count) = (0, 0, 0)
    for difference in differences + [
      Difference(old: old.count..<old.count, new: new.count..<new.count)
    ] {
      guard difference.old.lowerBound >= i, difference.new.lowerBound >= j,
        old[i..<difference.old.lowerBound] == new[j..<difference.new.lowerBound]
      else { return (false, count) }
      (i, j) = (difference.old.upperBound, difference.new.upperBound)
      count += difference.old.count + difference.new.count
    }
    return (true, count)
  }

  /// The fewest, by the longest common subsequence in a table.
  private func fewest(_ old: [UInt64], _ new: [UInt64]) -> Int {
    var row = Array(repeating: 0, count: new.count + 1)
    for a in old {
      var corner = 0
      for (index, b) in new.enumerated() {
        let above = row[index + 1]
        row[index + 1] = a == b ? corner + 1 : max(above, row[index])
        corner = above
      }
    }
    return old.count + new.count - 2 * (row.last ?? 0)
  }

  @Test func `are the fewest, and leave what both have`() {
    var random = SeededGenerator(for: "DifferenceTests")
    for _ in 0..<3000 {
      let letters = UInt64.random(in: 1...6, using: &random)
      func some() -> [UInt64] {
        (0..<Int.random(in: 0...20, using: &random)).map { _ in
          UInt64.random(in: 0..<letters, using: &random)
        }
      }
      let (old, new) = (some(), some())
      let result = apply(Difference.all(between: old, and: new), old, new)
      #expect(result.same, "\(old) \(new)")
      #expect(result.count == fewest(old, new), "\(old) \(new)")
    }
  }

  @Test func `are told as ranges of both`() {
    #expect(Difference.all(between: [1, 2, 3], and: [1, 2, 3]).isEmpty)
    #expect(
      Difference.all(between: [1, 2, 3, 4], and: [1, 5, 3, 4, 6]) == [
        Difference(old: 1..<2, new: 1..<2), Difference(old: 4..<4, new: 4..<5),
      ])
    #expect(Difference.all(between: [], and: [1]) == [Difference(old: 0..<0, new: 0..<1)])
  }

  /// Nothing common, everything common in another order, a few lines that stand everywhere: each would take hours if the
  /// fewest were looked for at any price.
  @Test(arguments: ["other", "reversed", "few", "shuffled"])
  func `of long sequences are found, whatever these are`(kind: String) {
    var random = SeededGenerator(for: "DifferenceTests")
    let count: UInt64 = 30_000
    let old = kind == "few" ? (0..<count).map { $0 % 3 } : Array(0..<count)
    let new =
      switch kind {
      case "other": Array(count..<2 * count)
      case "reversed": Array(old.reversed())
      case "few": (0..<count).map { _ in UInt64.random(in: 0..<3, using: &random) }
      default: old.shuffled(using: &random)
      }
    #expect(apply(Difference.all(between: old, and: new), old, new).same)
  }

  @Test func `are shown together where they are near`() {
    let near = [Difference(old: 5..<6, new: 5..<5), Difference(old: 8..<8, new: 7..<9)]
    let hunks = Hunk.all(
      near + [Difference(old: 20..<21, new: 21..<22)], context: 2, ends: (old: 22, new: 23))
    #expect(hunks.map(\.old) == [3..<10, 18..<22])
    #expect(hunks.map(\.new) == [3..<11, 19..<23])
    #expect(hunks.map(\.differences.count) == [2, 1])
  }
}
