package import Events

/// Figures of a job's runs, for those who watch it.
package struct JobTally: Equatable, Sendable {
  /// The bounds of run times: 0.1 s to 6 h.
  package static let bounds: [Int64] = [
    0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 21600,
  ]
  .map { Int64($0 * 1_000_000) }

  package let job: String
  /// Those that have ended, by how.
  package private(set) var ended: [InstanceState: Int64] = [:]
  /// Times that it was not as it was expected, by how.
  package private(set) var breaches: [Breach.Kind: Int64] = [:]
  package internal(set) var live: Int64 = 0
  /// The time at which the newest of those that were started was; microseconds since 1970, as the others.
  package private(set) var lastStartAt: WallTime?
  /// The time at which the last COMPLETED one ended.
  package private(set) var lastSuccessAt: WallTime?
  /// The exit code of the last that had one.
  package private(set) var lastExitCode: Int64?
  private var lastExitAt: WallTime?
  package private(set) var durations = Histogram(bounds)

  package init(job: String) { self.job = job }

  mutating func noteStart(_ at: WallTime?) {
    guard let at else { return }
    lastStartAt = max(lastStartAt ?? at, at)
  }

  mutating func add(_ breach: Breach) { breaches[breach.kind, default: 0] += breach.count ?? 1 }

  /// - Parameter exitCode: asked for where it may be the last.
  mutating func add(
    _ state: InstanceState, endedAt: WallTime, microseconds: Int64?, exitCode: () -> Int64?
  ) {
    ended[state, default: 0] += 1
    if state == .completed { lastSuccessAt = max(lastSuccessAt ?? endedAt, endedAt) }
    if let microseconds { durations.add(microseconds) }
    if lastExitAt.map({ endedAt >= $0 }) ?? true, let code = exitCode() {
      (lastExitCode, lastExitAt) = (code, endedAt)
    }
  }

  /// Takes in another job's: they are one then.
  package mutating func merge(_ other: JobTally) {
    ended.merge(other.ended, uniquingKeysWith: +)
    breaches.merge(other.breaches, uniquingKeysWith: +)
    live += other.live
    noteStart(other.lastStartAt)
    if let at = other.lastSuccessAt { lastSuccessAt = max(lastSuccessAt ?? at, at) }
    if let at = other.lastExitAt, lastExitAt.map({ at > $0 }) ?? true {
      (lastExitCode, lastExitAt) = (other.lastExitCode, other.lastExitAt)
    }
    durations.add(other.durations)
  }
}
