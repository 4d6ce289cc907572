internal import CLinux
internal import Glibc

/// The end that this process is to have: a code, or the signal that has killed what it ran, so that who waits for it
/// sees what he would have seen of that.
package struct ProcessEnd: Equatable, Sendable {
  /// 128+N where signal N is to end it: what a shell makes of that.
  package let code: Int32
  package let signal: Int32?
  /// The signal came from a key of the terminal that has reached the job alone. The others of this process's group
  /// get it too: a shell that runs a script ends only when it was interrupted itself.
  package let isKey: Bool

  package init(code: Int32, signal: Int32? = nil, isKey: Bool = false) {
    self.code = code
    self.signal = signal
    self.isKey = isKey
  }

  /// The last thing that is done. Where the signal kills nobody, as in the first process of a container, the code does.
  package func end() -> Never {
    if let signal {
      if isKey {
        // Own and pending for a moment; the end is the same.
        Signals.block(signal)
        kill(0, signal)
        Self.waitUntilTaken(signal, by: getppid())
      }
      clinux_die_of(signal)
    }
    exit(code)
  }

  /// Lets whoever waits for this process see the signal before its death, as with a key of a terminal. GNU make takes the
  /// two at once for a child that it has lost: "wait: No child processes", and no word of the interrupt.
  private static func waitUntilTaken(_ signal: Int32, by parent: Int32) {
    let deadline = Clock.monotonicMicroseconds() + patience
    while Signals.isBeingTaken(signal, by: parent), Clock.monotonicMicroseconds() < deadline {
      _ = Poll.wait(-1, for: .readable, milliseconds: 1)
    }
  }

  /// Microseconds. For a machine on which the parent does not get to run for so long.
  private static let patience: Int64 = 10_000_000
}
