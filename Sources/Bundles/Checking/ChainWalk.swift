internal import Events

/// Follows the chain of digests through a bundle: the run's events, what stands between them and behind them, and where it is
/// interrupted.
struct ChainWalk {
  /// The last position that was passed, with the digest there.
  private(set) var position: ChainPosition
  /// Events of the run behind the last interruption, and in all.
  private var eventsInOneGo: Int64 = 0
  private(set) var events: Int64 = 0
  /// Events of others.
  private(set) var others: Int64 = 0
  /// Positions that were passed without the events there, up to `gapLimit` of them.
  private(set) var gaps: [ClosedRange<Seq>] = []
  private(set) var gapCount = 0
  /// The number of the run's events that the kept head proves; nil where the walk has not met it.
  private(set) var proven: Int64?
  private let kept: ChainPosition?
  private let redactions: Redactions
  /// The run's events whose contents were redacted, and of those behind the last interruption the events that say so.
  private(set) var redacted: Int64 = 0
  private var redactedInOneGo: [Seq] = []

  static let gapLimit = 100

  init(
    from: ChainPosition, kept: ChainPosition?, _ redactions: Redactions = .none
  ) throws(BundleRefusal) {
    position = from
    self.kept = kept
    self.redactions = redactions
    try compare()
  }

  /// An event of the run.
  mutating func take(_ linked: LinkedEvent) throws(BundleRefusal) {
    guard linked.previous == position.digest else {
      throw BundleRefusal("event \(linked.event.seq) does not fit the event before it")
    }
    // Before it is counted: the head at this very position proves it.
    events += 1
    eventsInOneGo += 1
    if let replacement = redactions[linked.event.seq] {
      redacted += 1
      redactedInOneGo.append(replacement.by)
    }
    try advance(linked.event)
  }

  /// Takes what belongs to others.
  mutating func take(_ link: ChainLink) throws(BundleRefusal) {
    switch link {
    case .event(let event):
      others += 1
      try advance(event)
    case .gap(let range, let digest):
      guard range.lowerBound == position.seq + 1 else { throw outOfOrder(range.lowerBound) }
      note(gap: range)
      position = ChainPosition(seq: range.upperBound, digest: digest)
      try compare()
    }
  }

  /// To the position before an event, whose events between are not in the bundle.
  mutating func jump(to before: ChainPosition) throws(BundleRefusal) {
    guard before.seq > position.seq else {
      guard before == position else { throw outOfOrder(before.seq + 1) }
      return
    }
    note(gap: (position.seq + 1)...before.seq)
    position = before
    try compare()
  }

  private mutating func note(gap: ClosedRange<Seq>) {
    gapCount += 1
    if gaps.count < Self.gapLimit { gaps.append(gap) }
    eventsInOneGo = 0
    redactedInOneGo = []
  }

  private mutating func advance(_ event: Event) throws(BundleRefusal) {
    guard event.seq == position.seq + 1 else { throw outOfOrder(event.seq) }
    guard ChainLine.fits(event, after: position.digest, redactions) else {
      throw BundleRefusal(
        "event \(event.seq) is not the one that was recorded: it and its digest do not fit the event before it"
      )
    }
    position = ChainPosition(seq: event.seq, digest: event.digest)
    try compare()
  }

  private mutating func compare() throws(BundleRefusal) {
    guard let kept, kept.seq == position.seq else { return }
    guard kept.digest == position.digest else {
      throw BundleRefusal(
        "the digest of event \(kept.seq) is \(position.digest) and was \(kept.digest): this is not what was recorded"
      )
    }
    // It tells of what stood in them, and not of what was put there later.
    proven = eventsInOneGo - Int64(redactedInOneGo.count { $0 > kept.seq })
  }

  private func outOfOrder(_ seq: Seq) -> BundleRefusal {
    BundleRefusal("event \(seq) does not follow event \(position.seq)")
  }
}
