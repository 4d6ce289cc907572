internal import CLinux
internal import Glibc

/// A set of signals as the kernel has it: 1 to 64, those too that the C library keeps for itself.
package struct SignalSet: Equatable, Sendable, ExpressibleByArrayLiteral {
  package private(set) var bits: UInt64

  package init(bits: UInt64) { self.bits = bits }
  package init(_ signals: some Sequence<Int32>) {
    bits = signals.reduce(0) { $0 | Self.bit($1) }
  }
  package init(arrayLiteral signals: Int32...) { self.init(signals) }

  package static let all = SignalSet(bits: .max)
  /// The signals that were blocked when this process was started; what it blocks for itself is not in it.
  package static var blockedByCaller: SignalSet { SignalSet(bits: clinux_callers_mask()) }
  /// Blocked on the calling thread.
  package static var blockedHere: SignalSet { SignalSet(bits: clinux_thread_mask()) }

  package func contains(_ signal: Int32) -> Bool { bits & Self.bit(signal) != 0 }
  package func subtracting(_ other: SignalSet) -> SignalSet {
    SignalSet(bits: bits & ~other.bits)
  }

  private static func bit(_ signal: Int32) -> UInt64 {
    (1...64).contains(signal) ? 1 << UInt64(signal - 1) : 0
  }
}

/// Signals taken in through a descriptor (signalfd(2)) instead of a handler, so that a poll loop sees
/// them in order with everything else.
package struct SignalQueue: ~Copyable {
  package struct Delivery: Equatable, Sendable {
    package let signal: Int32
    /// The process that sent it with kill(2), 0 when the kernel did (a key on the terminal, a child's end).
    package let senderPID: Int32
    package let senderUID: UInt32
    /// This process was told to ignore it (nohup, a shell's `&`).
    package let isIgnored: Bool
    /// By a timer or a descriptor of this process.
    package let isOwn: Bool

    package init(
      signal: Int32, senderPID: Int32 = 0, senderUID: UInt32 = 0, isIgnored: Bool = false,
      isOwn: Bool = false
    ) {
      self.signal = signal
      self.senderPID = senderPID
      self.senderUID = senderUID
      self.isIgnored = isIgnored
      self.isOwn = isOwn
    }
  }

  private final class Kept { var deliveries: [Delivery] = [] }

  private let descriptor: Descriptor
  private let kept = Kept()
  package var fd: Int32 { descriptor.fd }

  /// Puts one aside for later, once of each signal, as the kernel does with what is blocked.
  package func keep(_ delivery: Delivery) {
    guard !kept.deliveries.contains(where: { $0.signal == delivery.signal }) else { return }
    kept.deliveries.append(delivery)
  }

  /// Takes the deliveries that were put aside.
  package func takeKept() -> [Delivery] {
    defer { kept.deliveries = [] }
    return kept.deliveries
  }

  /// Blocks the signals on this thread (and those it starts) and queues them, those too that are ignored: nobody needs
  /// to ask beforehand which these are.
  package init(_ wanted: SignalSet) throws(SystemCallError) {
    let fd = clinux_signalfd(wanted.bits)
    guard fd >= 0 else { throw SystemCallError("signalfd") }
    descriptor = Descriptor(owning: fd)
  }

  /// The next signal that has arrived, nil when there is none.
  package func next() -> Delivery? {
    var signal = clinux_signal()
    guard unsafe clinux_signalfd_read(descriptor.fd, &signal) == 1 else { return nil }
    return Delivery(
      signal: signal.number, senderPID: signal.sender, senderUID: signal.uid,
      isIgnored: Signals.isIgnored(signal.number), isOwn: signal.is_own != 0)
  }
}

package enum Signals {
  package static func isIgnored(_ signal: Int32) -> Bool { clinux_signal_is_ignored(signal) != 0 }
  package static func ignore(_ signal: Int32) { clinux_signal_ignore(signal) }
  /// Tells whether a signal that is blocked has come.
  package static func isPending(_ signal: Int32) -> Bool {
    var set = sigset_t()
    return unsafe sigpending(&set) == 0 && sigismember(&set, signal) == 1
  }

  /// Tells whether another process has been sent the signal and will take it as soon as it gets to run: it does not block
  /// the signal and is not stopped (proc(5)). False where that is not seen.
  package static func isBeingTaken(_ signal: Int32, by pid: Int32) -> Bool {
    guard let status = RawIO.contents(of: "/proc/\(pid)/status") else { return false }
    return isBeingTaken(signal, status: status)
  }

  static func isBeingTaken(_ signal: Int32, status: [UInt8]) -> Bool {
    var isPending = false
    for line in status.split(separator: UInt8(ascii: "\n")) {
      let fields = String(decoding: line, as: UTF8.self).split(separator: "\t")
      guard fields.count == 2 else { continue }
      switch fields[0] {
      case "State:": if "TtZX".contains(fields[1].prefix(1)) { return false }
      case "SigPnd:", "ShdPnd:": isPending = isPending || has(signal, fields[1])
      case "SigBlk:": if has(signal, fields[1]) { return false }
      default: break
      }
    }
    return isPending
  }

  private static func has(_ signal: Int32, _ mask: Substring) -> Bool {
    (UInt64(mask, radix: 16) ?? 0) >> UInt64(signal - 1) & 1 == 1
  }

  /// Until the process ends, on this thread.
  package static func block(_ signal: Int32) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, signal)
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
  }
  package static func setDefault(_ signal: Int32) { clinux_signal_default(signal) }

  private static let names: [(Int32, String)] = [
    (SIGHUP, "HUP"), (SIGINT, "INT"), (SIGQUIT, "QUIT"), (SIGILL, "ILL"), (SIGTRAP, "TRAP"),
    (SIGABRT, "ABRT"), (SIGBUS, "BUS"), (SIGFPE, "FPE"), (SIGKILL, "KILL"), (SIGUSR1, "USR1"),
    (SIGSEGV, "SEGV"), (SIGUSR2, "USR2"), (SIGPIPE, "PIPE"), (SIGALRM, "ALRM"), (SIGTERM, "TERM"),
    (SIGSTKFLT, "STKFLT"), (SIGCHLD, "CHLD"), (SIGCONT, "CONT"), (SIGSTOP, "STOP"),
    (SIGTSTP, "TSTP"), (SIGTTIN, "TTIN"), (SIGTTOU, "TTOU"), (SIGURG, "URG"), (SIGXCPU, "XCPU"),
    (SIGXFSZ, "XFSZ"), (SIGVTALRM, "VTALRM"), (SIGPROF, "PROF"), (SIGWINCH, "WINCH"),
    (SIGIO, "IO"), (SIGPWR, "PWR"), (SIGSYS, "SYS"),
  ]

  /// The names of the signals that have one, without SIG.
  package static var allNames: [String] { names.map(\.1) }

  /// The signal's name without SIG, for instance "TERM"; "RTMIN+3" and the like for real-time ones.
  package static func name(_ signal: Int32) -> String {
    if let known = names.first(where: { $0.0 == signal }) { return known.1 }
    // The kernel's numbering: glibc keeps 32 and 33 for itself.
    return signal >= 34 ? "RTMIN+\(signal - 34)" : "\(signal)"
  }

  /// The number of a name with or without SIG, in any case.
  package static func number(_ name: String) -> Int32? {
    var name = name.uppercased()
    if name.hasPrefix("SIG") { name.removeFirst(3) }
    if name.hasPrefix("RTMIN+") { return Int32(name.dropFirst(6)).flatMap { realTime(34 &+ $0) } }
    return names.first { $0.1 == name }?.0
  }

  private static func realTime(_ signal: Int32) -> Int32? {
    (34...64).contains(signal) ? signal : nil
  }

  /// The signal that a person names: as above, or by its number.
  package static func parse(_ text: String) -> Int32? {
    if let number = Int32(text) { return (1...64).contains(number) ? number : nil }
    return number(text)
  }
}

/// Keeps the keys and the terminal from stopping this thread, until it is released: for as long as others would have to
/// wait for it. SIGSTOP cannot be kept off.
package struct HeldStops: ~Copyable {
  private var former = sigset_t()

  package init() {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in [SIGTSTP, SIGTTIN, SIGTTOU] { unsafe sigaddset(&set, signal) }
    unsafe pthread_sigmask(SIG_BLOCK, &set, &former)
  }

  package func release() {
    var former = former
    unsafe pthread_sigmask(SIG_SETMASK, &former, nil)
  }
}
