internal import Events
internal import Ledger

/// Decides, event by event, what of a damaged ledger goes into a new one. It reads nothing and writes nothing, and gives
/// the same answers when it is asked again. Memory: some 60 bytes an instance.
///
/// What does not fit its digest is left out, and so is what may not follow the events that are there. What an instance
/// needs to make sense is made up and says so (`recovered`). An instance that has lost its end is left without one;
/// whoever looks at the new ledger next finds no runner and closes it as LOST.
struct RecoveryDecisions {
  private var live: [InstanceID: InstanceProgress] = [:]
  private var ended: Set<InstanceID> = []
  private var chain: ChainCheck
  /// It does not fit; the next may show that only its digest is wrong.
  private var doubtful: StoredEvent?
  /// The places of the old ledger's events in the new one.
  private(set) var positions = PositionMap()
  /// The event that stands first in the new ledger tells of the recovery.
  private var nextSeq = Seq(2)
  private var isGoodSoFar = true
  private(set) var lastGood: ChainPosition?
  private(set) var counts = Recovered.Counts()

  /// Instances whose output retention has dropped.
  private let withoutOutput: Set<InstanceID>

  init(genesis: Digest?, withoutOutput: Set<InstanceID>) {
    chain = ChainCheck(genesis: genesis)
    self.withoutOutput = withoutOutput
  }

  /// Returns what is to be appended for what was found, in order.
  mutating func take(_ piece: LedgerScan.Piece) -> [NewEvent] {
    switch piece {
    case .events(let events):
      var new: [NewEvent] = []
      for event in events { take(event, &new) }
      return new
    case .dropped(_, let digest):
      dropDoubtful()
      chain.resume(after: digest)
    case .missing(let range), .unreadable(let range, _): skip(range.length)
    case .rest:
      skip(0)
      counts.endUnknown = true
    }
    return []
  }

  /// At the end of the old ledger.
  mutating func finish() { dropDoubtful() }

  private mutating func skip(_ count: Int64) {
    dropDoubtful()
    chain.skip()
    isGoodSoFar = false
    counts.lost += count
  }

  private mutating func dropDoubtful() {
    if doubtful != nil { counts.lost += 1 }
    doubtful = nil
  }

  private mutating func take(_ event: StoredEvent, _ new: inout [NewEvent]) {
    let verdict = chain.take(event)
    if verdict == .fitsContentBefore, let before = doubtful {
      doubtful = nil
      keep(before, &new)
    }
    dropDoubtful()
    switch verdict {
    case .doesNotFit:
      isGoodSoFar = false
      doubtful = event
    case .unproven:
      isGoodSoFar = false
      keep(event, &new)
    case .fits, .fitsContentBefore:
      if isGoodSoFar, let digest = event.digest {
        lastGood = ChainPosition(seq: event.seq, digest: digest)
      }
      keep(event, &new)
    }
  }

  private mutating func keep(_ event: StoredEvent, _ new: inout [NewEvent]) {
    // The new ledger has not dropped anything.
    if event.eventKind == .retained { return }
    guard Self.isPlausible(event) else {
      counts.lost += 1
      return
    }
    guard let instance = event.instanceID else { return append(hostEvent(event), event, &new) }
    guard let made = take(event.new(), of: instance) else {
      counts.lost += 1
      return
    }
    nextSeq += Int64(made.count)
    counts.made += Int64(made.count)
    new += made
    append(event.eventKind == .output ? output(event) : event.new(), event, &new)
  }

  /// Its digest may be what is damaged.
  private static func isPlausible(_ event: StoredEvent) -> Bool {
    event.malformation == nil || (event.digest == nil && event.data.hasPrefix("{"))
  }

  private mutating func append(
    _ made: NewEvent, _ event: StoredEvent, _ new: inout [NewEvent]
  ) {
    positions.add(old: event.seq, new: nextSeq)
    nextSeq += 1
    counts.read += 1
    new.append(made)
  }

  /// Returns what has to be made up before the event; nil when it may not follow what is left of its instance.
  private mutating func take(_ event: NewEvent, of instance: InstanceID) -> [NewEvent]? {
    guard !ended.contains(instance) else { return nil }
    var progress = live[instance] ?? InstanceProgress()
    guard let made = progress.take(event) else { return nil }
    live[instance] = event.kind.isTerminal ? nil : progress
    if event.kind.isTerminal { ended.insert(instance) }
    return made
  }

  private mutating func output(_ event: StoredEvent) -> NewEvent {
    if case .success = PayloadCheck.chunk(of: event), case .stored(let stored) = event.chunk,
      let codec = EncodedOutput.Codec(rawValue: stored.codec), let payload = event.payload
    {
      return event.new(output: EncodedOutput(stored, codec: codec, payload: payload))
    }
    let said = OutputTotals((try? JSON(parsing: event.data)) ?? .null).bytes
    if case .absent = event.chunk, let instance = event.instanceID,
      withoutOutput.contains(instance)
    {
      let gap = OutputGap(bytes: max(0, said), reason: "dropped by retention")
      return event.new(kind: .outputGap, data: gap.json.text)
    }
    counts.chunksLost += 1
    counts.bytesLost &+= max(0, said)
    let gap = OutputGap(bytes: max(0, said), reason: "damaged in the ledger")
    return event.new(kind: .outputGap, data: gap.json.text)
  }

  /// Positions that it names are those of the new ledger.
  private func hostEvent(_ event: StoredEvent) -> NewEvent {
    guard let members = (try? JSON(parsing: event.data))?.members else { return event.new() }
    if event.eventKind == .redacted {
      // The new chain is one of what stands there now.
      let kept = members.map { $0.key == "positions" ? JSON.Member($0.key, .array([])) : $0 }
      return event.new(data: JSON.object(kept).text)
    }
    guard event.eventKind == .historyRemoved else { return event.new() }
    let moved = members.map { member in
      guard member.key == "up_to", let old = member.value.seq else { return member }
      return JSON.Member("up_to", .seq(positions.new(of: old)))
    }
    return event.new(data: JSON.object(moved).text)
  }
}

extension StoredEvent {
  /// The same, for another ledger.
  fileprivate func new(
    kind: EventKind? = nil, data: String? = nil, output: EncodedOutput? = nil
  ) -> NewEvent {
    var event = NewEvent(
      at: at, mono: mono, job: job, instance: instanceID, kind: kind ?? eventKind,
      data: .object([]), output: output)
    event.data = data ?? self.data
    return event
  }
}
