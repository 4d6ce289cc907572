internal import CLinux
internal import Glibc

/// The terminal on stdin, read key by key without echo, with a screen of its own on stdout, until it is left: then it is as
/// it was. The keys that make signals go on making them: whoever enters it takes those in and leaves it first.
package final class KeyTerminal {
  /// The modes before; nil while it is not entered.
  private var modesBefore: termios?

  package init() {}
  deinit { leave() }

  /// False where there is no terminal on stdin and stdout, or others are in its foreground.
  package static var isHere: Bool {
    isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 && tcgetpgrp(STDIN_FILENO) == getpgrp()
  }

  package func enter() {
    var modes = termios()
    guard modesBefore == nil, unsafe tcgetattr(STDIN_FILENO, &modes) == 0 else { return }
    modesBefore = modes
    clinux_keep_modes_on_faults(STDIN_FILENO)
    modes.c_lflag &= ~tcflag_t(ICANON | ECHO)
    set(modes)
    // The other screen, cleared, without a cursor (xterm's private modes 1049 and 25).
    try? RawIO.writeAll(STDOUT_FILENO, "\u{1b}[?1049h\u{1b}[?25l\u{1b}[2J")
  }

  package func leave() {
    guard let modes = modesBefore else { return }
    modesBefore = nil
    try? RawIO.writeAll(STDOUT_FILENO, "\u{1b}[0m\u{1b}[?25h\u{1b}[?1049l")
    set(modes)
  }

  /// Reads the keys that are there now; returns nil when nothing will come any more.
  package func read() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 256)
    switch unsafe buffer.withUnsafeMutableBytes({ unsafe RawIO.read(STDIN_FILENO, into: $0) }) {
    case .bytes(let count): return Array(buffer[..<count])
    case .wouldBlock: return []
    case .end, .failed: return nil
    }
  }

  /// Also from the background, into which this process may have been put: SIGTTOU would stop it there.
  private func set(_ modes: termios) {
    var modes = modes
    let stops = HeldStops()
    unsafe tcsetattr(STDIN_FILENO, TCSADRAIN, &modes)
    stops.release()
  }
}
