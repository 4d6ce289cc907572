/// Keeps values up to a cost: of what was used longest ago, half is dropped at a time.
struct BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Entry: Sendable {
    let value: Value
    let cost: Int
  }

  private var young: [Key: Entry] = [:]
  private var old: [Key: Entry] = [:]
  private var youngCost = 0
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  subscript(key: Key) -> Value? {
    mutating get {
      if let entry = young[key] { return entry.value }
      guard let entry = old.removeValue(forKey: key) else { return nil }
      keep(entry, key)
      return entry.value
    }
  }

  mutating func insert(_ value: Value, _ key: Key, cost: Int) {
    // A value of such a cost would leave no room for others.
    guard cost <= limit / 8 else {
      // What it was before does not stay in its place.
      old[key] = nil
      if let former = young.removeValue(forKey: key) { youngCost -= former.cost }
      return
    }
    old[key] = nil
    keep(Entry(value: value, cost: cost), key)
  }

  private mutating func keep(_ entry: Entry, _ key: Key) {
    youngCost += entry.cost - (young.updateValue(entry, forKey: key)?.cost ?? 0)
    guard youngCost > limit / 2 else { return }
    (old, young, youngCost) = (young, [:], 0)
  }
}
