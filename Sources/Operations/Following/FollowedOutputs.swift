package import Events
internal import Projections

/// The instances of a selection whose output is followed, in one place for all that follow several.
///
/// Memory: of those that have ended nothing is kept where there can always come more.
package struct FollowedOutputs {
  package typealias Give = (OutputFollower, OutputFollower.Item) throws -> Void

  private let session: LedgerSession
  private let selection: FollowSelection
  private let stream: OutputStream?
  private var followed: [OutputFollower] = []
  private var awaited: [Pattern]

  package init(_ selection: FollowSelection, in session: LedgerSession, stream: OutputStream?) {
    self.selection = selection
    self.session = session
    self.stream = stream
    awaited = selection.awaited
  }

  /// Follows an instance whose recorded output has been given out.
  package mutating func add(_ follower: OutputFollower) {
    if !follower.hasEnded { followed.append(follower) }
  }

  /// All that was named has ended, and nothing new is waited for.
  package var isOver: Bool {
    !selection.isEndless && awaited.isEmpty && followed.allSatisfy(\.hasEnded)
  }

  /// Takes in the ledger's next event: gives the output that it brought.
  package mutating func take(_ event: Event, _ give: Give) throws {
    if let fresh = OutputFollower(event, in: session, stream: stream), !begin(fresh) { return }
    let dropped = event.droppedInstances
    for index in followed.indices {
      var follower = followed[index]
      guard follower.instance == event.instance || dropped.contains(follower.instance) else {
        continue
      }
      // Written back also where `give` has thrown.
      defer { followed[index] = follower }
      let source = follower
      try follower.take(event, in: session) { try give(source, $0) }
    }
    if selection.isEndless { followed.removeAll(where: \.hasEnded) }
  }

  /// Takes in an instance that has just been created.
  /// - Returns: false when it is followed, or has been shown, already.
  private mutating func begin(_ fresh: OutputFollower) -> Bool {
    var fresh = fresh
    if let index = followed.firstIndex(where: { $0.instance == fresh.instance }) {
      // In a ledger that has taken the place of a damaged one it begins once more.
      if followed[index].ledgerID != fresh.ledgerID {
        fresh.hold(session)
        followed[index] = fresh
      }
      return false
    }
    // It had ended before it was shown.
    if selection.instances.contains(fresh.instance) { return false }
    let isAwaited = awaited.contains { fresh.matches($0) }
    awaited.removeAll { fresh.matches($0) }
    if isAwaited || selection.takes(fresh) {
      fresh.hold(session)
      followed.append(fresh)
    }
    return true
  }
}
