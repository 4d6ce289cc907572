internal import Events
internal import Glibc
internal import Linux
internal import Spawn

/// The end by force of a job that was asked to end: SIGKILL after a time (`--kill-after`), to every process of it
/// wherever it has gone. Part of the supervisor's thread.
///
/// Decides when; looking for processes is the caller's, and is done only where somebody wants this step.
struct LastStep {
  /// The time for which processes are looked for again that were killed, or have just been started by one of them.
  private static let patience: Int64 = 2_000_000
  private static let interval: Int64 = 5_000

  private let killAfter: Int64?
  private var killAt: BootTime?
  private var sweepAt: BootTime?
  private var sweepUntil = BootTime.boot
  /// The time is over, and that is being put on record; ``begin(_:)`` follows.
  private var isAnnounced = false

  init(killAfter: Int64?) { self.killAfter = killAfter }

  /// The run is not over before this is false: something of the job is to be killed.
  var isDue: Bool { killAt != nil || isAnnounced || sweepAt != nil }

  /// The time at which ``next(_:)`` wants to be called.
  var deadline: BootTime? {
    switch (killAt, sweepAt) {
    case (let kill?, let sweep?): min(kill, sweep)
    case (let kill, let sweep): kill ?? sweep
    }
  }

  /// The job was asked to end.
  mutating func expectEnd(_ now: BootTime) {
    guard let killAfter, !isDue else { return }
    killAt = now + killAfter
  }

  /// The job has ended.
  /// - Parameter isAnythingLeft: of its processes; asked only where it counts.
  mutating func jobEnded(isAnythingLeft: () -> Bool) {
    if killAt != nil, !isAnythingLeft() { killAt = nil }
  }

  /// All its processes are to be killed from now on.
  mutating func begin(_ now: BootTime) {
    killAt = nil
    isAnnounced = false
    guard sweepAt == nil else { return }
    sweepAt = now
    sweepUntil = now + Self.patience
  }

  enum Step { case nothing, outlived(milliseconds: Int64), sweep }

  /// Returns the step that is to be taken now.
  mutating func next(_ now: BootTime) -> Step {
    if let at = sweepAt, now >= at { return .sweep }
    guard let at = killAt, now >= at else { return .nothing }
    killAt = nil
    isAnnounced = true
    return .outlived(milliseconds: (killAfter ?? 0) / 1000)
  }

  /// So many were there to be killed.
  mutating func swept(_ count: Int, _ now: BootTime) {
    sweepAt = count > 0 && now < sweepUntil ? now + Self.interval : nil
  }
}
