internal import Events
internal import Glibc
internal import Ledger
internal import Linux
internal import Operations
internal import Settings
internal import Spawn

/// Automatic retention as a process in the background that nobody waits for, started at the end of a run.
enum BackgroundRetention {
  /// The hidden option of `taro ledger retain`.
  static let flag = "automatic"

  /// Starts retention when it is time: the terminal event is on disk and the run file is gone then. Costs a spawn. What
  /// goes wrong is left to the next.
  static func startIfDue(_ directory: LedgerDirectory, _ configuration: Configuration) {
    guard AutomaticRetention.isDue(directory, configuration.retention),
      let null = try? Descriptor.open("/dev/null", O_RDWR)
    else { return }
    let path = directory.path
    let absolute = path.hasPrefix("/") ? path : "\(Host.currentDirectory())/\(path)"
    // The process gets the limits in force, not the files they came from: those are looked for in the current
    // directory.
    let settings = configuration.retentionSettings.flatMap { ["--set", $0] }
    let words =
      [
        "/proc/self/exe", "ledger", "retain", "--\(flag)", "--ledger", absolute,
        "--min-config",
      ]
      + settings
    var launch = Launch(
      words.map { Array($0.utf8) }, stdout: null.fd, stderr: null.fd,
      defaultSignals: [SIGPIPE, SIGXFSZ])
    launch.stdin = null.fd
    // systemd asks a process that a unit leaves behind to end at once: see Patience.
    launch.signalMask = [SIGTERM]
    // The process keeps no pipe of ours open, whose reader would wait for it, and no lock of ours.
    launch.closesOthers = true
    launch.sharesProcessGroup = true
    _ = try? launch.start()
  }

  /// The time for which it goes on after it was asked to end: in a unit that runs for a moment there is no other time.
  struct Patience {
    /// The rest of the time, microseconds.
    private static let rest: Int64 = 1_000_000
    private var deadline: MonotonicTime?

    /// Tells whether the time is over, between two turns.
    mutating func isOver() -> Bool {
      if deadline == nil, Signals.isPending(SIGTERM) {
        deadline = .now + Self.rest
      }
      return deadline.map { MonotonicTime.now >= $0 } ?? false
    }
  }

  /// Puts this process into the background: no terminal's signals reach it, and it runs after everybody else. It was
  /// started with SIGTERM blocked.
  static func detach() {
    setsid()
    _ = nice(19)
    // The process does not keep its directory from being unmounted.
    unsafe chdir("/")
  }
}
