internal import Linux
internal import Synchronization

/// Something that a thread does, and that a test can wait for with an end to its patience.
package final class Signalled: Sendable {
  private let counter: Counter
  private let error = Mutex<(any Error)?>(nil)

  /// Keeps the descriptor in a class, which a closure can capture.
  private final class Counter: Sendable {
    let event: EventCounter
    init() throws { event = try EventCounter() }
  }

  package init() throws { counter = try Counter() }

  package func succeed() { counter.event.signal() }

  package func fail(_ failure: any Error) {
    error.withLock { $0 = failure }
    counter.event.signal()
  }

  package var failure: (any Error)? { error.withLock { $0 } }

  package func happens(withinMilliseconds limit: Int32) -> Bool {
    Poll.wait(counter.event.fd, for: .readable, milliseconds: limit)
  }
}
