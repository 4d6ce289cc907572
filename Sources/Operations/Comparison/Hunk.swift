/// Differences that stand so near each other that they are shown together, with what is around them.
package struct Hunk: Equatable, Sendable {
  package let differences: [Difference]
  package let old: Range<Int>
  package let new: Range<Int>

  /// - Parameter ends: how many elements each sequence has.
  package static func all(
    _ differences: [Difference], context: Int, ends: (old: Int, new: Int)
  ) -> [Hunk] {
    var hunks: [Hunk] = []
    var near: [Difference] = []
    func end() {
      guard let first = near.first, let last = near.last else { return }
      let before = min(context, first.old.lowerBound, first.new.lowerBound)
      let after = min(context, ends.old - last.old.upperBound, ends.new - last.new.upperBound)
      hunks.append(
        Hunk(
          differences: near,
          old: (first.old.lowerBound - before)..<(last.old.upperBound + after),
          new: (first.new.lowerBound - before)..<(last.new.upperBound + after)))
    }
    for difference in differences {
      if let last = near.last, difference.old.lowerBound - last.old.upperBound > 2 * context {
        end()
        near = []
      }
      near.append(difference)
    }
    end()
    return hunks
  }
}
