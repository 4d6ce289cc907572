internal import CLinux
internal import Glibc

/// Signals to a command that follows until it is told to stop: on SIGINT and SIGTERM it ends well, with 0, or 1 where
/// something was missing, at once, also in the middle of a write that nobody reads.
enum FollowSignals {
  static func endQuietly() { end(with: 0) }

  /// Says from now on that something was missing that cannot be given any more.
  static func endWithFailure() { end(with: 1) }

  private static func end(with code: Int32) {
    for signal in [SIGINT, SIGTERM] { clinux_exit_on_signal(signal, code) }
  }
}
