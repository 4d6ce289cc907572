internal import CLinux
internal import Glibc

/// What follows until it is told to stop ends well when it is told to: 0 on SIGINT and SIGTERM, at once, also in the
/// middle of a write that nobody reads.
enum FollowSignals {
  static func endQuietly() {
    for signal in [SIGINT, SIGTERM] { clinux_exit_on_signal(signal, 0) }
  }
}
