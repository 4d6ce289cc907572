package import Events

/// Brings what several hosts tell into the order of its times, as it comes. Nothing waits longer than the bound: a host
/// that is silent, or whose clock is behind, holds nobody up.
package struct TimeMerge<Item> {
  private struct Entry {
    let time: WallTime
    let order: Int
    let due: MonotonicTime
    let item: Item
  }

  /// Microseconds that an item waits for others that are earlier.
  private let bound: Int64
  /// In the order in which they came, and so of their dues.
  private var entries: [Entry] = []
  private var last: [Int: WallTime] = [:]
  private var count = 0

  package init(bound: Int64) { self.bound = bound }

  /// - Parameter host: what one host tells stays in its own order, whatever its clock says.
  package mutating func add(_ item: Item, at time: WallTime, from host: Int, now: MonotonicTime) {
    let time = max(time, last[host] ?? time)
    last[host] = time
    count += 1
    entries.append(Entry(time: time, order: count, due: now + bound, item: item))
  }

  /// The next moment at which ``take(now:)`` has something.
  package var due: MonotonicTime? { entries.first?.due }

  /// Takes what has waited for long enough, and what is earlier than that.
  package mutating func take(now: MonotonicTime) -> [Item] {
    guard let due, due <= now,
      let latest = entries.prefix(while: { $0.due <= now }).map(\.time).max()
    else { return [] }
    return remove { $0.time <= latest }
  }

  /// Takes all there is.
  package mutating func takeAll() -> [Item] { remove { _ in true } }

  private mutating func remove(where isTaken: (Entry) -> Bool) -> [Item] {
    let taken = entries.filter(isTaken).sorted {
      ($0.time, $0.order) < ($1.time, $1.order)
    }
    entries.removeAll(where: isTaken)
    return taken.map(\.item)
  }
}
