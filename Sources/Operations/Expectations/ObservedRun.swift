package import Events
internal import Projections

/// A run as far as it tells whether what is expected has been so.
package struct ObservedRun: Equatable, Sendable {
  package var instance: InstanceID
  package var createdAt: WallTime
  package var createdSeq: Seq
  /// The time at which its command was started; nil where it was not.
  package var startedAt: WallTime?
  package var startedSeq: Seq?
  package var endedAt: WallTime?
  /// The time that it ran, by the clock that nobody sets; nil before the end, and where nobody saw that.
  package var run: Int64?
  package var isLost = false
  /// It was not started, because another one ran.
  package var isSkipped = false
  package var isPaused = false
  /// The last that was heard of it.
  package var lastAt: WallTime
  package var lastSeq: Seq

  package init(
    _ instance: InstanceID, createdAt: WallTime, createdSeq: Seq, startedAt: WallTime? = nil
  ) {
    self.instance = instance
    self.createdAt = createdAt
    self.createdSeq = createdSeq
    self.startedAt = startedAt
    startedSeq = startedAt == nil ? nil : createdSeq
    lastAt = startedAt ?? createdAt
    lastSeq = createdSeq
  }

  /// True while its command goes on.
  var isExecuting: Bool { startedAt != nil && endedAt == nil }
}

extension ObservedRun {
  init(_ record: InstanceRecord) {
    self.init(
      record.instance, createdAt: record.createdAt, createdSeq: record.createdSeq,
      startedAt: record.startedAt)
    startedSeq = record.transitions.first { $0.state.group == .executing }?.seq
    endedAt = record.endedAt
    run = record.runMicroseconds
    isLost = record.state == .lost
    isSkipped = record.state == .skipped
    isPaused = record.isPaused
    lastAt = record.lastAt
    lastSeq = record.lastSeq
  }
}
