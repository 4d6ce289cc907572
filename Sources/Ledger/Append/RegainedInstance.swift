internal import Events

/// Reads what a ledger that was recovered from a damaged one has of an instance whose runner lives. Memory: requests, and some of
/// its last events.
struct RegainedInstance {
  private(set) var progress = InstanceProgress()
  /// The position of its last event; 0 where there is none.
  var n: Int64 { progress.n }
  /// Bytes of output of which its events tell, lost ones too.
  private(set) var outputBytes: Int64 = 0
  /// Requests, and an end that others have appended.
  private(set) var ofOthers: [Event] = []
  /// Its last events, up to 1,000.
  private(set) var last: [Event] = []

  init() {}

  init(_ instance: InstanceID, in reader: LedgerReader) throws(LedgerError) {
    while true {
      let events = try reader.events(of: instance, after: n, withOutput: true, limit: Self.batch)
      for event in events { take(event) }
      last = (last + events).suffix(Self.batch)
      // A page is shorter where its events are large.
      if events.isEmpty { break }
    }
  }

  private static let batch = 1000

  private mutating func take(_ event: Event) {
    progress.note(event)
    if event.kind == .output { outputBytes += OutputTotals(event.json).bytes }
    if event.kind == .outputGap { outputBytes += OutputGap(event.json).bytes }
    if event.kind.isControlRequest || event.kind.isTerminal { ofOthers.append(event) }
  }
}

/// The marks by which an event is known again in another ledger.
struct EventMark: Equatable, Sendable {
  private let kind: EventKind
  private let at: WallTime
  private let mono: BootTime

  init(_ event: Event) { (kind, at, mono) = (event.kind, event.at, event.mono) }
}
