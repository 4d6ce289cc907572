package import Events
package import Ledger

/// The instances that are live at a position of the ledger, and the commands that lost runs have left behind: asked of
/// the projections once, and then followed event by event, so that a decision inside the append queue reads only what
/// has happened since the last look.
package struct LiveInstances {
  /// An instance with what decisions ask of it again and again.
  package struct Member: Sendable {
    package internal(set) var record: InstanceRecord
    /// The group it was started with.
    package let group: String?
    /// The instance by whose job it was started.
    package let within: InstanceID?

    init(_ record: InstanceRecord) {
      self.record = record
      let created = record.created
      group = created.group
      within = created.within
    }

    /// A job's instances belong to the group of its name, whatever group they were started with.
    package func isOf(group name: String) -> Bool { group == name || record.job == name }
  }

  /// More events than this are folded faster by the projections, from where others have brought them.
  private static let farBehind: Int64 = 2000

  /// The last event that was taken in.
  package private(set) var position: Int64
  private var members: [InstanceID: Member] = [:]
  /// Instances of lost runs whose command was still running when that was found out, oldest first.
  package private(set) var orphans: [Member]
  /// Instances created up to here were live when this began, or never.
  private let start: Int64
  /// Instances that have ended since, of those that were live when this began: no more of them, however long it lasts.
  package private(set) var ended: [InstanceID: InstanceRecord] = [:]

  /// Catches the projections up and asks them.
  package init(_ store: ProjectionStore) throws(LedgerError) {
    try store.catchUp()
    // Before the questions: others may bring the projections further between two of them. What the answers know beyond
    // this position is met again, and left alone.
    position = try store.position()
    start = position
    for record in try store.live() { members[record.instance] = Member(record) }
    orphans = try store.orphans().map(Member.init)
  }

  /// For tests of decisions.
  package init(
    live: [InstanceRecord], orphans: [InstanceRecord] = [], ended: [InstanceRecord] = [],
    position: Int64 = 0
  ) {
    self.position = position
    start = .max
    for record in live { members[record.instance] = Member(record) }
    self.orphans = orphans.map(Member.init)
    for record in ended { self.ended[record.instance] = record }
  }

  /// Oldest first.
  package var all: [Member] {
    members.values.sorted { $0.record.createdSeq < $1.record.createdSeq }
  }

  package subscript(instance: InstanceID) -> InstanceRecord? { members[instance]?.record }

  /// How deep instances that start each other are followed: what environments say may be a circle.
  package static let deepest = 64

  /// Whether an instance was started by the job of another, or by one that was, as far as those between are live.
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
    where member.record.createdSeq <= start && now.members[member.record.instance] == nil {
      ended[member.record.instance] = try store.record(of: member.record.instance)
    }
    members = now.members
    orphans = now.orphans
    position = now.position
  }

  /// Takes in what has been appended since. About 3 microseconds an event.
  package mutating func catchUp(_ reader: LedgerReader) throws(LedgerError) {
    while true {
      let events = try reader.events(after: position, limit: 1000)
      for event in events { apply(event) }
      guard let last = events.last else { return }
      position = last.seq
    }
  }

  private mutating func apply(_ event: Event) {
    // How they have ended is not known any more.
    for instance in event.droppedInstances { members[instance] = nil }
    guard let instance = event.instance else { return }
    if let record = InstanceRecord(event) {
      // The projections may have been ahead of the position they were asked for.
      if members[instance] == nil { members[instance] = Member(record) }
      return
    }
    guard var member = members[instance], event.seq > member.record.lastSeq else { return }
    // In place: no second reference to the lists in it.
    members[instance] = nil
    member.record.apply(event)
    guard event.kind.isTerminal else {
      members[instance] = member
      return
    }
    if member.record.createdSeq <= start { ended[instance] = member.record }
    if member.record.orphan != nil, !orphans.contains(where: { $0.record.instance == instance }) {
      orphans.append(member)
    }
  }
}
