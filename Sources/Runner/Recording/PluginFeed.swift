internal import Events
internal import Ledger

/// Somebody who is told what happens to an instance.
protocol PluginListener: Sendable {
  /// The event stands in the ledger.
  func notify(_ event: Event)
  /// The event could not be recorded.
  func notify(unrecorded event: NewEvent)
}

/// Tells plugins of one instance: what stands in the ledger, in its order, requests of others too; and at once, what
/// cannot be recorded now. When it has come into the ledger after all, they are not told again.
struct PluginFeed {
  private let listener: any PluginListener
  /// The position of the last event in the ledger that was passed.
  private(set) var n: Int64 = 0
  /// The events that they were told before these were recorded, oldest first, to know them again.
  private var unrecorded: [NewEvent] = []

  /// The oldest beyond that may be told twice.
  private static let unrecordedLimit = 1000

  init(_ listener: any PluginListener) { self.listener = listener }

  /// - Parameter page: what follows `n` in the ledger.
  mutating func notify(_ page: [Event]) {
    for event in page {
      n = event.n ?? n
      if let index = unrecorded.firstIndex(where: { event.isSame(as: $0) }) {
        unrecorded.remove(at: index)
      } else {
        listener.notify(event)
      }
    }
  }

  mutating func notify(unrecorded event: NewEvent) {
    guard !unrecorded.contains(where: { $0.tellsTheSame(as: event) }) else { return }
    if unrecorded.count >= Self.unrecordedLimit { unrecorded.removeFirst() }
    unrecorded.append(event)
    listener.notify(unrecorded: event)
  }
}
