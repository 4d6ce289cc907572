internal import CLinux
internal import Glibc

/// A stop of this process by one of the terminal's signals, as it would come from there: a process group that nobody
/// could continue, an orphaned one, is not stopped by them (setpgid(2)).
package enum SelfStop {
  /// While this is wanted, something to read from `fd` sends SIGCONT to this process.
  package static func goOnWhenReadable(_ fd: Int32, _ isWanted: Bool) {
    clinux_continue_when_readable(fd, isWanted ? 1 : 0)
  }

  /// The reason why this process goes on, by what has arrived since it was to be stopped.
  package struct Wake {
    package enum Reason: Equatable, Sendable {
      /// Somebody has continued it.
      case continued
      /// Its own timer or descriptor has.
      case own
      /// Nothing has stopped it.
      case notStopped
    }

    package private(set) var reason = Reason.notStopped
    /// Deliveries of other signals, which the caller has to act on now.
    package private(set) var others: [SignalQueue.Delivery] = []

    package init(_ signals: borrowing SignalQueue) {
      while let delivery = signals.next() {
        if delivery.signal != SIGCONT {
          others.append(delivery)
        } else if reason != .continued {
          reason = delivery.isOwn ? .own : .continued
        }
      }
    }
  }

  /// Returns when somebody has sent SIGCONT, or at once where nothing stops.
  /// - Parameters:
  ///   - group: stops the others of the process group with it, as the terminal does.
  ///   - deadline: when to go on in any case, microseconds since boot.
  package static func stop(by signal: Int32, group: Bool, untilMicroseconds deadline: Int64?) {
    var timer: UnsafeMutableRawPointer?
    if let deadline { _ = unsafe clinux_continue_at(max(1, deadline), &timer) }
    clinux_feel_signal(signal, group ? 1 : 0)
    if let timer = unsafe timer { unsafe clinux_cancel_continue(timer) }
  }
}
