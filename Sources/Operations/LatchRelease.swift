package import Events
package import Ledger
internal import Linux
package import Projections

/// Releases the instances that wait for a latch.
package struct LatchRelease {
  /// Who waited and goes on, oldest first.
  package private(set) var released: [LiveInstances.Member] = []
  /// The position of the event that says so.
  package let seq: Int64
  /// Whose runners could not be rung: they look by themselves within some seconds. The first, as an error.
  package private(set) var firstError: LedgerError?

  /// On disk when it returns. Who is released is decided in the turn that says so: nobody who begins to wait then is
  /// missed or promised.
  package init(
    _ latch: String, holdsOpen: Bool, by requester: Requester, in session: LedgerSession
  ) throws(LedgerError) {
    let writer = try session.openWriter()
    var live = try LiveInstances(session.projections)
    let data = Released(latch: latch, holdsOpen: holdsOpen, by: requester).json
    seq = try writer.turn(durable: true) { turn throws(LedgerError) in
      try live.catchUp(writer.reader)
      return try turn.append(.ofHost(.released, data))
    }
    released = live.all.filter { $0.latch == latch }
    for waiting in released {
      guard let failure = try RunFiles.ring(waiting.instance, reading: writer.reader) else {
        continue
      }
      firstError = firstError ?? .notNotified(name: waiting.name, reason: failure)
    }
  }
}

extension NewEvent {
  /// One that belongs to no instance and happens now.
  static func ofHost(_ kind: EventKind, _ data: JSON) -> NewEvent {
    NewEvent(
      at: Clock.wallMicroseconds(), mono: Clock.bootMicroseconds(), job: nil, instance: nil,
      kind: kind, data: data)
  }
}
