import TestSupport
import Testing

@testable import Server

/// What is used stays, what is not goes, and no more is kept than may be.
@Suite struct BoundedCacheTests {
  @Test func `gives what was put in, the newest of it`() {
    var cache = BoundedCache<Int, String>(limit: 100)
    #expect(cache[1] == nil)
    cache.insert("a", 1, cost: 5)
    cache.insert("b", 2, cost: 5)
    #expect(cache[1] == "a" && cache[2] == "b")
    cache.insert("c", 1, cost: 5)
    #expect(cache[1] == "c")
  }

  @Test func `what is as large as to leave no room is not kept`() {
    var cache = BoundedCache<Int, String>(limit: 80)
    cache.insert("small", 1, cost: 10)
    cache.insert("large", 2, cost: 11)
    #expect(cache[1] == "small" && cache[2] == nil)
    // Nor does it stay as it was before.
    cache.insert("large", 1, cost: 11)
    #expect(cache[1] == nil)
  }

  @Test func `what is asked for now and then stays, however much else comes`() {
    var cache = BoundedCache<Int, Int>(limit: 80)
    cache.insert(0, 0, cost: 5)
    for number in 1...1000 {
      cache.insert(number, number, cost: 5)
      if number.isMultiple(of: 4) { #expect(cache[0] == 0, "\(number)") }
    }
    #expect(cache[1] == nil)
    #expect(cache[1000] == 1000)
  }

  @Test func `no more than the limit is kept, whatever is done`() {
    var random = SeededGenerator(for: "bounded cache")
    var cache = BoundedCache<Int, Int>(limit: 1000)
    var costs: [Int: (value: Int, cost: Int)] = [:]
    for step in 0..<20_000 {
      let key = random.below(300)
      if random.chance(40) {
        let cost = random.below(150)
        cache.insert(step, key, cost: cost)
        costs[key] = (step, cost)
      } else if let found = cache[key] {
        // Never another value than the last.
        #expect(found == costs[key]?.value)
      }
      if step.isMultiple(of: 100) {
        // Looking moves nothing out: the copy is thrown away.
        var copy = cache
        let kept = costs.filter { copy[$0.key] != nil }
        #expect(kept.values.reduce(0) { $0 + $1.cost } <= 1000 + 125)
      }
    }
  }
}
