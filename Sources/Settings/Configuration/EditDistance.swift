/// Counts the slips between two words: a letter too many, too few, wrong, or two exchanged.
package enum EditDistance {
  /// Nobody who means a key types a longer word.
  private static let longest = 64

  /// The cost is the product of the lengths.
  package static func between(_ one: String, _ other: String) -> Int {
    let a = Array(one.utf8)
    let b = Array(other.utf8)
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        let change = last[j] + (a[i] == b[j] ? 0 : 1)
        var best = min(last[j + 1] + 1, row[j] + 1, change)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          best = min(best, beforeLast[j - 1] + 1)
        }
        row.append(best)
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }

  /// The candidate that was meant, when one is near enough: a third of the word may be wrong.
  package static func nearest(to word: String, among candidates: [String]) -> String? {
    guard word.utf8.count <= longest else { return nil }
    let limit = max(1, word.utf8.count / 3)
    let scored = candidates.map { (distance: between(word.lowercased(), $0), name: $0) }
    return scored.filter { $0.distance <= limit }.min { $0.distance < $1.distance }?.name
  }
}
