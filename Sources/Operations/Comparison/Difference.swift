/// A place where two sequences differ: these of the first are not in the second, and stand in the place of those of the second
/// that are not in the first.
package struct Difference: Equatable, Sendable {
  package let old: Range<Int>
  package let new: Range<Int>

  package init(old: Range<Int>, new: Range<Int>) { (self.old, self.new) = (old, new) }

  /// The fewest differences that there are, by Myers' algorithm in linear space ("An O(ND) difference algorithm and its
  /// variations", 1986), or nearly so where the two have little in common in many places.
  package static func all(between old: [UInt64], and new: [UInt64]) -> [Difference] {
    var prefix = 0
    while prefix < min(old.count, new.count), old[prefix] == new[prefix] { prefix += 1 }
    var suffix = 0
    while suffix < min(old.count, new.count) - prefix,
      old[old.count - 1 - suffix] == new[new.count - 1 - suffix]
    { suffix += 1 }
    let oldRange = prefix..<(old.count - suffix)
    let newRange = prefix..<(new.count - suffix)
    // What the other has nowhere is different in any case: without it there is less to compare, and nothing changes.
    let inOld = Set(old[oldRange])
    let inNew = Set(new[newRange])
    let oldKept = oldRange.filter { inNew.contains(old[$0]) }
    let newKept = newRange.filter { inOld.contains(new[$0]) }
    let search = CommonSubsequence(oldKept.map { old[$0] }, newKept.map { new[$0] })
    search.run()
    // Those that are in both, pair by pair.
    var pairs: [(Int, Int)] = []
    var (i, j) = (0, 0)
    while i < oldKept.count, j < newKept.count {
      if search.isOldChanged[i] {
        i += 1
      } else if search.isNewChanged[j] {
        j += 1
      } else {
        pairs.append((oldKept[i], newKept[j]))
        (i, j) = (i + 1, j + 1)
      }
    }
    return differences(pairs + [(oldRange.upperBound, newRange.upperBound)], from: prefix)
  }

  private static func differences(_ pairs: [(Int, Int)], from start: Int) -> [Difference] {
    var result: [Difference] = []
    var (i, j) = (start, start)
    for pair in pairs {
      if pair.0 > i || pair.1 > j { result.append(Difference(old: i..<pair.0, new: j..<pair.1)) }
      (i, j) = (pair.0 + 1, pair.1 + 1)
    }
    return result
  }
}

/// Finds what two sequences have in common in the same order. Memory: a few words for each element.
private final class CommonSubsequence {
  private let old: [UInt64]
  private let new: [UInt64]
  private(set) var isOldChanged: [Bool]
  private(set) var isNewChanged: [Bool]
  /// The place to which one comes on each diagonal from the beginning, and from the end.
  private let forward: UnsafeMutableBufferPointer<Int>
  private let backward: UnsafeMutableBufferPointer<Int>
  /// The place of diagonal 0 in these.
  private let zero: Int
  /// After so many steps the best place so far is taken.
  private let patience: Int

  private struct Box {
    var x: Range<Int>
    var y: Range<Int>
  }

  init(_ old: [UInt64], _ new: [UInt64]) {
    (self.old, self.new) = (old, new)
    isOldChanged = Array(repeating: false, count: old.count)
    isNewChanged = Array(repeating: false, count: new.count)
    let diagonals = old.count + new.count + 3
    forward = .allocate(capacity: diagonals)
    backward = .allocate(capacity: diagonals)
    forward.initialize(repeating: 0)
    backward.initialize(repeating: 0)
    zero = new.count + 1
    patience = max(256, Int(Double(diagonals).squareRoot()))
  }

  deinit {
    forward.deallocate()
    backward.deallocate()
  }

  func run() {
    var boxes = [Box(x: 0..<old.count, y: 0..<new.count)]
    while var box = boxes.popLast() {
      trim(&box)
      if box.x.isEmpty {
        for index in box.y { isNewChanged[index] = true }
      } else if box.y.isEmpty {
        for index in box.x { isOldChanged[index] = true }
      } else {
        let (x, y) = middle(of: box)
        boxes.append(Box(x: x..<box.x.upperBound, y: y..<box.y.upperBound))
        boxes.append(Box(x: box.x.lowerBound..<x, y: box.y.lowerBound..<y))
      }
    }
  }

  private func trim(_ box: inout Box) {
    var (x, y) = (box.x.lowerBound, box.y.lowerBound)
    var (xEnd, yEnd) = (box.x.upperBound, box.y.upperBound)
    while x < xEnd, y < yEnd, old[x] == new[y] { (x, y) = (x + 1, y + 1) }
    while x < xEnd, y < yEnd, old[xEnd - 1] == new[yEnd - 1] { (xEnd, yEnd) = (xEnd - 1, yEnd - 1) }
    box = Box(x: x..<xEnd, y: y..<yEnd)
  }

  /// A place that a shortest way through the box goes by: where two ways meet, from the beginning and from the end.
  private func middle(of box: Box) -> (x: Int, y: Int) {
    let (xStart, xEnd) = (box.x.lowerBound, box.x.upperBound)
    let (yStart, yEnd) = (box.y.lowerBound, box.y.upperBound)
    let (least, most) = (xStart - yEnd, xEnd - yStart)
    let (first, last) = (xStart - yStart, xEnd - yEnd)
    var (forwardMin, forwardMax) = (first, first)
    var (backwardMin, backwardMax) = (last, last)
    let meetsForward = (first - last) & 1 != 0
    forward[zero + first] = xStart
    backward[zero + last] = xEnd
    var steps = 0
    while true {
      steps += 1
      if forwardMin > least {
        forwardMin -= 1
        forward[zero + forwardMin - 1] = -1
      } else {
        forwardMin += 1
      }
      if forwardMax < most {
        forwardMax += 1
        forward[zero + forwardMax + 1] = -1
      } else {
        forwardMax -= 1
      }
      for d in stride(from: forwardMax, through: forwardMin, by: -2) {
        let (below, above) = (forward[zero + d - 1], forward[zero + d + 1])
        var x = below < above ? above : below + 1
        while x < xEnd, x - d < yEnd, old[x] == new[x - d] { x += 1 }
        forward[zero + d] = x
        if meetsForward, backwardMin <= d, d <= backwardMax, backward[zero + d] <= x {
          return (x, x - d)
        }
      }
      if backwardMin > least {
        backwardMin -= 1
        backward[zero + backwardMin - 1] = .max
      } else {
        backwardMin += 1
      }
      if backwardMax < most {
        backwardMax += 1
        backward[zero + backwardMax + 1] = .max
      } else {
        backwardMax -= 1
      }
      for d in stride(from: backwardMax, through: backwardMin, by: -2) {
        let (below, above) = (backward[zero + d - 1], backward[zero + d + 1])
        var x = below < above ? below : above - 1
        while xStart < x, yStart < x - d, old[x - 1] == new[x - d - 1] { x -= 1 }
        backward[zero + d] = x
        if !meetsForward, forwardMin <= d, d <= forwardMax, x <= forward[zero + d] {
          return (x, x - d)
        }
      }
      if steps >= patience {
        return farthest(box, forwardMin...forwardMax, backwardMin...backwardMax)
      }
    }
  }

  /// The place that is farthest from where its way began.
  private func farthest(
    _ box: Box, _ forwards: ClosedRange<Int>, _ backwards: ClosedRange<Int>
  ) -> (x: Int, y: Int) {
    var ahead = (x: box.x.lowerBound, y: box.y.lowerBound)
    for d in stride(from: forwards.upperBound, through: forwards.lowerBound, by: -2) {
      var x = min(forward[zero + d], box.x.upperBound)
      if x - d > box.y.upperBound { x = box.y.upperBound + d }
      if x + x - d > ahead.x + ahead.y { ahead = (x, x - d) }
    }
    var behind = (x: box.x.upperBound, y: box.y.upperBound)
    for d in stride(from: backwards.upperBound, through: backwards.lowerBound, by: -2) {
      var x = max(backward[zero + d], box.x.lowerBound)
      if x - d < box.y.lowerBound { x = box.y.lowerBound + d }
      if x + x - d < behind.x + behind.y { behind = (x, x - d) }
    }
    let gone = ahead.x + ahead.y - box.x.lowerBound - box.y.lowerBound
    let left = box.x.upperBound + box.y.upperBound - behind.x - behind.y
    return gone > left ? ahead : behind
  }
}
