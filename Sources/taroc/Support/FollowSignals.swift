internal import CLinux
internal import Glibc

/// A command that follows until it is told to stop ends well on SIGINT and SIGTERM, at once; whom it has started ends
/// with it.
enum FollowSignals {
  static func endQuietly() {
    for signal in [SIGINT, SIGTERM] { clinux_exit_on_signal(signal, 0) }
  }
}
