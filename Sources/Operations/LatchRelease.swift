package import Events
package import Ledger
internal import Linux
package import Projections

/// Releases the instances that wait for a latch.
package struct LatchRelease {
  /// The reason why a latch is not released.
  package enum Refusal: Error, Equatable, Sendable {
    /// Nobody waits for it whom the caller may release.
    case nobodyWaits
    /// Others wait for it too.
    case othersWait
  }

  /// The instances that waited and go on, oldest first.
  package private(set) var released: [LiveInstances.Member] = []
  /// The position of the event that says so.
  package let seq: Seq
  /// It was asked before with the same key, and nothing has been done now.
  package private(set) var repeated: RequestKeys.Use?
  /// The first error of ringing for those released: their runners look by themselves within some seconds.
  package private(set) var firstError: LedgerError?

  /// On disk when it returns. Who is released is decided in the turn that says so: nobody who begins to wait then is
  /// missed or promised.
  /// - Parameters:
  ///   - keys: for who may ask again with the requester's key.
  ///   - mayRelease: whom the caller may release; nil for all. Where he may not release all who wait, nobody is.
  /// - Throws: `LedgerError`, `Refusal`.
  package init(
    _ latch: String, holdsOpen: Bool, by requester: Requester, in session: LedgerSession,
    keys: RequestKeys? = nil, mayRelease: ((LiveInstances.Member) -> Bool)? = nil
  ) throws {
    let writer = try session.openWriter()
    var live = try LiveInstances(session.projections)
    var refusal: Refusal?
    var waiting: [LiveInstances.Member] = []
    let recorded = try writer.once(requester, keys) { turn throws(LedgerError) -> Seq in
      try live.catchUp(writer.reader)
      waiting = live.all.filter { $0.latch == latch }
      refusal = mayRelease.flatMap { Self.refusal(of: waiting, $0) }
      guard refusal == nil else { return .start }
      var released = Released(latch: latch, holdsOpen: holdsOpen, by: requester)
      if requester.idempotency != nil { released.released = waiting.map(\.name) }
      return try turn.append(.ofHost(.released, released.json))
    }
    if let refusal { throw refusal }
    switch recorded {
    case .made(let seq): self.seq = seq
    case .repeated(let use):
      (seq, repeated) = (use.seq, use)
      return
    }
    released = waiting
    for waiting in released {
      guard let failure = try RunFiles.ring(waiting.instance, reading: writer.reader) else {
        continue
      }
      firstError = firstError ?? .notNotified(name: waiting.name, reason: failure)
    }
  }

  private static func refusal(
    of waiting: [LiveInstances.Member], _ mayRelease: (LiveInstances.Member) -> Bool
  ) -> Refusal? {
    guard waiting.contains(where: mayRelease) else { return .nobodyWaits }
    return waiting.allSatisfy(mayRelease) ? nil : .othersWait
  }
}

extension NewEvent {
  /// One that belongs to no instance and happens now.
  static func ofHost(_ kind: EventKind, _ data: JSON) -> NewEvent {
    NewEvent(
      at: .now, mono: .now, job: nil, instance: nil,
      kind: kind, data: data)
  }
}
