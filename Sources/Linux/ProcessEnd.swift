internal import CLinux
internal import Glibc

/// How this process is to end: with a code, or by the signal that has killed what it ran, so that who waits for it
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
      }
      clinux_die_of(signal)
    }
    exit(code)
  }
}
