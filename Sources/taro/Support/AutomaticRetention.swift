internal import Glibc
internal import Ledger
internal import Linux
internal import Projections
internal import Settings
internal import Spawn

/// Retention that nobody asks for: started at the end of a run, at most once an hour a ledger, as a process in the
/// background that nobody waits for.
enum AutomaticRetention {
  /// Of `taro ledger retain`.
  static let flag = "automatic"
  /// In the `retained` event.
  static let reason = "automatic"
  /// Microseconds.
  private static let interval: Int64 = 3_600_000_000
  /// Somebody may be just about to look at how a run has ended.
  private static let grace: Int64 = 60_000_000

  /// After the terminal event is on disk and the run file is gone. Costs three system calls while it is not time, and a
  /// spawn when it is. What goes wrong is left to the next.
  static func startIfDue(_ directory: LedgerDirectory, _ configuration: Configuration) {
    guard configuration.retention.isLimited,
      RetentionSchedule.isDue(directory, every: interval, now: Clock.wallMicroseconds()),
      let null = try? Descriptor.open("/dev/null", O_RDWR)
    else { return }
    let path = directory.path
    let absolute = path.hasPrefix("/") ? path : "\(Host.currentDirectory())/\(path)"
    // The limits in force, not the files they came from: those are looked for in the current directory.
    let settings = configuration.retentionSettings.flatMap { ["--set", $0] }
    let words =
      [
        "/proc/self/exe", "ledger", "retain", "--\(flag)", "--ledger", absolute,
        "--min-config",
      ]
      + settings
    var launch = Launch(
      words.map { Array($0.utf8) }, stdout: null.fd, stderr: null.fd,
      unblockedSignals: Array(1..<32), defaultSignals: [SIGPIPE, SIGXFSZ])
    launch.stdin = null.fd
    // Nobody who reads our pipes is to wait for it, and no lock of ours is to outlive us.
    launch.closesOthers = true
    launch.sharesProcessGroup = true
    _ = try? launch.start()
  }

  /// In the background: no terminal's signals, and after everybody else.
  static func leaveCaller() {
    setsid()
    _ = nice(19)
    // Nor in the way of who wants to unmount the directory.
    chdir("/")
  }

  /// The clock may be wrong until the host has found the time, and who watches a run may see how it ended.
  static func restrain(_ limits: inout RetentionLimits, now: Int64, boot: Int64) {
    if boot < interval { limits.endedBefore = nil }
    limits.sparesEndedAfter = now - grace
  }
}
