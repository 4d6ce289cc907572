package import Events
package import Ledger

/// The instances that are live at a position of the ledger, and the commands that lost runs have left behind: asked of
/// the projections once, and then followed event by event, so that a decision inside the append queue reads only what
/// has happened since the last look.
package struct LiveInstances {
  /// More events than this are folded faster by the projections, from where others have brought them.
  private static let farBehind: Int64 = 2000

  /// The last event that was taken in.
  package private(set) var position: Seq
  private var members: [InstanceID: Member] = [:]
  /// Lost instances whose command was still running when that was found out, oldest first.
  package private(set) var orphans: [Member]
  /// Instances created up to here were live when this began, or never.
  private let start: Seq
  /// Instances that have ended since, of those that were live when this began: no more of them, however long it lasts.
  package private(set) var ended: [InstanceID: Member] = [:]

  /// Catches the projections up and asks them.
  package init(_ store: ProjectionStore) throws(LedgerError) {
    try store.catchUp()
    // Before the questions: others may bring the projections further between two of them. What the answers know beyond
    // this position is met again, and left alone.
    position = try store.position()
    start = position
    for member in try store.liveMembers() { members[member.instance] = member }
    orphans = try store.records(InstanceQuery(.leftBehind, isAscending: true)).map(Member.init)
  }

  /// For tests of decisions.
  package init(
    live: [Member], orphans: [Member] = [], ended: [Member] = [], position: Seq = .start
  ) {
    self.position = position
    start = .max
    for member in live { members[member.instance] = member }
    self.orphans = orphans
    for member in ended { self.ended[member.instance] = member }
  }

  /// Oldest first.
  package var all: [Member] { members.values.sorted { $0.createdSeq < $1.createdSeq } }

  /// In no order: for who looks for a few of them.
  package var unordered: some Collection<Member> { members.values }

  package subscript(instance: InstanceID) -> Member? { members[instance] }

  /// The depth to which instances that start each other are followed: what environments say may be a circle.
  package static let deepest = 64

  /// Tells whether an instance was started by the job of another, or by one that was, as far as those between are live.
  package func isPart(_ instance: InstanceID, of other: InstanceID) -> Bool {
    var next = members[instance]?.within
    for _ in 0..<Self.deepest {
      guard let current = next else { return false }
      if current == other { return true }
      next = members[current]?.within
    }
    return false
  }

  /// Takes in what has been appended since; the projections are asked anew when that is much. Not inside the queue.
  package mutating func catchUp(_ store: ProjectionStore) throws(LedgerError) {
    guard try store.reader.head().seq - position > Self.farBehind else {
      return try catchUp(store.reader)
    }
    let before = members
    let now = try LiveInstances(store)
    for member in before.values
    where member.createdSeq <= start && now.members[member.instance] == nil {
      ended[member.instance] = try store.record(of: member.instance).map(Member.init)
    }
    members = now.members
    orphans = now.orphans
    position = now.position
  }

  /// Takes in what has been appended since. About 3 microseconds an event.
  package mutating func catchUp(_ reader: LedgerReader) throws(LedgerError) {
    while true {
      let events = try reader.events(after: position, limit: 1000)
      for event in events { try apply(event, reader) }
      guard let last = events.last else { return }
      position = last.seq
    }
  }

  private mutating func apply(_ event: Event, _ reader: LedgerReader) throws(LedgerError) {
    // How they have ended is not known any more.
    for instance in event.droppedInstances { members[instance] = nil }
    guard let instance = event.instance, let state = event.kind.state else { return }
    if let member = Member(event) {
      // The projections may have been ahead of the position they were asked for.
      if members[instance] == nil { members[instance] = member }
      return
    }
    guard let known = members[instance], event.seq > known.lastSeq else { return }
    members[instance]?.enter(state, event)
    guard state.isTerminal, var member = members.removeValue(forKey: instance) else { return }
    if state == .lost, Ending(event.json).mayHaveLeftCommand {
      member.leftBehind = try LeftBehindCommand(of: instance, reader)
    }
    if member.createdSeq <= start { ended[instance] = member }
    if member.leftBehind != nil, !orphans.contains(where: { $0.instance == instance }) {
      orphans.append(member)
    }
  }
}
