internal import Events

/// What a ledger that was recovered from a damaged one has of an instance whose runner lives. Memory: requests, and some of
/// its last events.
struct RegainedInstance {
  /// Of its last event; 0 where there is none.
  private(set) var n: Int64 = 0
  /// Nil where there is none.
  private(set) var state: InstanceState?
  private var kinds: Set<EventKind> = []
  /// Of which its events tell, lost ones too.
  private(set) var outputBytes: Int64 = 0
  /// Requests, and an end that others have appended.
  private(set) var ofOthers: [Event] = []
  /// Up to 1,000.
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
    n = event.n ?? n
    state = event.kind.state ?? state
    if event.kind.state != nil { kinds.insert(event.kind) }
    if event.kind == .output { outputBytes += OutputTotals(event.json).bytes }
    if event.kind == .outputGap { outputBytes += OutputGap(event.json).bytes }
    if event.kind.isControlRequest || event.kind.isTerminal { ofOthers.append(event) }
  }

  func has(_ kind: EventKind) -> Bool { kinds.contains(kind) }
}

/// By which an event is known again in another ledger.
struct EventMark: Equatable, Sendable {
  private let kind: EventKind
  private let at: Int64
  private let mono: Int64

  init(_ event: Event) { (kind, at, mono) = (event.kind, event.at, event.mono) }
}
