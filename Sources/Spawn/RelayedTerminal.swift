internal import CLinux
internal import Glibc
package import Linux

/// A pseudo-terminal for a job, and the terminal on stdin, if there is one, made transparent: every key reaches the
/// job's terminal, whose line discipline makes signals and lines of them, as with ssh(1).
///
/// Without a terminal on stdin its bytes are typed, without echo, and its end is the end-of-file key.
package final class RelayedTerminal {
  private static let defaultSize = Terminal.Size(rows: 24, columns: 80)

  /// The terminal; nil once it was hung up.
  private var terminal: PseudoTerminal?
  /// Its other end, while it is there.
  private let master: Int32
  /// For ``Launch/ownTerminal``.
  package let path: String
  /// The modes of the terminal on stdin before it was made transparent; nil while it is not.
  private var modesBefore: termios?
  private let isFed: Bool
  /// Bytes that were typed and the job's terminal had no room for.
  private var pending: [UInt8] = []
  private var inputHasEnded = false
  private var endsInsideLine = false

  package init() throws(SystemCallError) {
    let terminal = try PseudoTerminal()
    master = terminal.master.fd
    path = terminal.path
    isFed = !Terminal.isTerminal(STDIN_FILENO)
    self.terminal = .some(terminal)
    RawIO.setNonBlocking(master)
    if let modes = JobControl.modes(isFed ? master : STDIN_FILENO) {
      var modes = modes
      if isFed { modes.c_lflag &= ~tcflag_t(ECHO) }
      JobControl.setModes(master, modes)
    }
    resize()
  }

  deinit { detach() }

  /// Opens what the job's terminal shows; reading fails with EIO when nobody has it open any more.
  package func output() throws(SystemCallError) -> Descriptor { try Descriptor.duplicate(master) }

  /// The job has ended: nothing is typed any more. What its terminal still shows can be read.
  package func endInput() {
    detach()
    inputHasEnded = true
    pending = []
  }

  /// Closes it, as a window is closed; the job's session gets SIGHUP if it has it open still. The last thing that
  /// is done with it.
  package func hangUp() {
    detach()
    terminal = nil
  }

  /// Makes the terminal on stdin transparent, where there is one and this process is in its foreground.
  package func attach() {
    guard modesBefore == nil, tcgetpgrp(STDIN_FILENO) == getpgrp(),
      let modes = JobControl.modes(STDIN_FILENO)
    else { return }
    modesBefore = modes
    clinux_keep_modes_on_faults(STDIN_FILENO)
    var raw = modes
    unsafe cfmakeraw(&raw)
    JobControl.setModes(STDIN_FILENO, raw)
    resize()
  }

  /// Gives the terminal on stdin its modes back.
  package func detach() {
    guard let modes = modesBefore else { return }
    modesBefore = nil
    // Somebody else's by now.
    guard tcgetpgrp(STDIN_FILENO) == getpgrp() else { return }
    JobControl.setModes(STDIN_FILENO, modes)
  }

  /// The job's terminal becomes as large as the one that shows it, 80x24 where there is none.
  package func resize() {
    let size = [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO].lazy.compactMap(Terminal.size).first
    Terminal.setSize(master, size ?? Self.defaultSize)
  }

  package func addInterest(to poll: inout Poll) {
    if !pending.isEmpty {
      poll.add(master, .writable)
    } else if readsInput {
      poll.add(STDIN_FILENO)
    }
  }

  /// Reads no terminal in whose background this process is: that would stop it (SIGTTIN).
  private var readsInput: Bool { !inputHasEnded && (isFed || modesBefore != nil) }

  /// Passes on what was typed, as far as it goes without waiting.
  package func pump(_ poll: borrowing Poll) {
    if pending.isEmpty, readsInput, poll.isReady(STDIN_FILENO) { read() }
    drain()
  }

  private func read() {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let transfer = unsafe buffer.withUnsafeMutableBytes {
      unsafe RawIO.read(STDIN_FILENO, into: $0)
    }
    switch transfer {
    case .wouldBlock: return
    case .bytes(let count):
      pending = Array(buffer[..<count])
      endsInsideLine = pending.last != UInt8(ascii: "\n")
    case .end, .failed:
      inputHasEnded = true
      // Inside a line the key only ends that (termios(3), VEOF).
      pending = [UInt8](repeating: endOfFileKey, count: endsInsideLine ? 2 : 1)
    }
  }

  private var endOfFileKey: UInt8 {
    // c_cc is a tuple in Swift.
    guard var modes = JobControl.modes(master) else { return 4 }
    return unsafe withUnsafeBytes(of: &modes.c_cc) { unsafe $0[Int(VEOF)] }
  }

  private func drain() {
    while !pending.isEmpty {
      switch unsafe pending.withUnsafeBytes({ unsafe RawIO.write(master, $0) }) {
      case .bytes(let count): pending.removeFirst(count)
      case .wouldBlock: return
      case .end, .failed:
        inputHasEnded = true
        pending = []
      }
    }
  }
}
