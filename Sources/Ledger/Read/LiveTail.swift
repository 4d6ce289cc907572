package import Events
internal import Linux

/// Reads the stream from a position and goes on as events are appended: catch-up and live are one, without a gap and
/// without a duplicate, because both are "events after N" and N only moves with what was given out.
package struct LiveTail: ~Copyable {
  private let reader: LedgerReader
  /// The last event given out. With the ledger's id it is the cursor to resume from.
  package private(set) var position: Seq
  /// Events that retention had dropped before they were read, and after which one, until they are taken note of.
  private var passedOver: (after: Seq, count: Int64)?
  /// The watch of the bell; nil when the user's inotify instances are used up.
  private var bell: FileWatch?
  /// True when the last wait has ended without a ring.
  private var hasWaitedInVain = false

  /// The bell is watched from before the first read, so that nothing appended later goes unnoticed.
  package init(_ reader: LedgerReader, after position: Seq) {
    self.reader = reader
    self.position = position
    bell = try? FileWatch(reader.directory.bell)
  }

  /// A descriptor that is readable when there may be more; nil when one has to look.
  package var fd: Int32? { bell?.fd }

  /// The time to wait for `fd` before looking all the same, in milliseconds.
  package var patience: Int32 { bell == nil ? 100 : 1000 }

  /// The next events, none when there are none yet. Never waits.
  package mutating func next(limit: Int = 1000) throws(LedgerError) -> [Event] {
    let events = try reader.events(after: position, limit: limit)
    guard let last = events.last else { return events }
    // Positions have no other gaps.
    let count = last.seq - position - Int64(events.count)
    if count > 0 { passedOver = (position, count + (passedOver?.count ?? 0)) }
    position = last.seq
    // The bell may be another file by now: somebody has removed the one that is watched.
    if hasWaitedInVain, let other = try? FileWatch(reader.directory.bell) { bell = other }
    hasWaitedInVain = false
    return events
  }

  /// Gives what was passed over, once.
  package mutating func takePassedOver() -> (after: Seq, count: Int64)? {
    defer { passedOver = nil }
    return passedOver
  }

  /// Waits until there may be more, or for as long as `patience` and `milliseconds` allow, or until whoever reads
  /// `output` has gone.
  /// - Returns: false when nobody reads `output` any more.
  @discardableResult
  package mutating func wait(milliseconds: Int32 = .max, output: Int32? = nil) -> Bool {
    var poll = Poll()
    if let bell { poll.add(bell.fd) }
    if let output { poll.add(output, .hangup) }
    poll.wait(milliseconds: min(milliseconds, patience))
    hasWaitedInVain = bell.map { !poll.isReady($0.fd) } ?? false
    bell?.clear()
    return output.map { !poll.isReady($0) } ?? true
  }
}
