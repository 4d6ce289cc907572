package import Events
internal import Ledger
internal import Linux
package import Projections

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
  /// Tries that have failed, of which the next is to be followed.
  private var failed: [FailedTry] = []
  private var begun: Tries?

  /// A try that has failed and whose runner may begin another.
  private struct FailedTry {
    /// Looks at a runner that may be there and is not seen, a second each.
    static let patience = 10

    let tries: Tries
    let instance: InstanceID
    /// Looks since its runner was last seen; the next try may be read only after the first one.
    var looks = 0
  }

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
    !selection.isEndless && awaited.isEmpty && failed.isEmpty && followed.allSatisfy(\.hasEnded)
  }

  /// The try that the last event has begun, if it goes on with one that was followed; given once.
  package mutating func takeBegun() -> Tries? {
    defer { begun = nil }
    return begun
  }

  /// The try that goes on with one that has ended already; if it may come yet, it is waited for.
  package mutating func tryThatGoesOn(with record: InstanceRecord) throws -> InstanceRecord? {
    guard !selection.isEndless, record.endedAt != nil, let tries = Tries(record),
      tries.mayGoOn(after: record.state, record.ending ?? Ending())
    else { return nil }
    // Before it is asked what there is: a runner that is gone by now has recorded all that it ever will.
    let runner = try RunFiles.Runner(of: record.instance, session.reader)
    let isThere = runner.map { $0.sight != .gone } ?? false
    var query = InstanceQuery(.all)
    query.job = record.job
    var next: InstanceRecord?
    try session.projections.forEach(query) { other in
      if other.created.retryOf == record.name { next = other }
      return next == nil && other.instance != record.instance
    }
    if next == nil, isThere { failed.append(FailedTry(tries: tries, instance: record.instance)) }
    return next
  }

  /// To be called when all that is recorded has been taken in: no try follows where the runner is not there any more.
  package mutating func lookForRunners() throws {
    for index in failed.indices {
      let sight = try RunFiles.Runner(of: failed[index].instance, session.reader)?.sight ?? .gone
      switch sight {
      case .seen: failed[index].looks = 0
      case .unseen: failed[index].looks += 1
      // What it appended last may not have been read yet.
      case .gone: failed[index].looks += failed[index].looks == 0 ? 1 : FailedTry.patience
      }
    }
    failed.removeAll { $0.looks > FailedTry.patience }
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
      if !selection.isEndless { expectNext(after: event, of: follower) }
    }
    if selection.isEndless { followed.removeAll(where: \.hasEnded) }
  }

  private mutating func expectNext(after event: Event, of follower: OutputFollower) {
    guard let tries = follower.tries, let state = event.kind.state, state.isTerminal,
      event.instance == follower.instance, tries.mayGoOn(after: state, Ending(event.json))
    else { return }
    failed.append(FailedTry(tries: tries, instance: follower.instance))
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
    let goesOn = failed.contains { $0.tries.name == fresh.tries?.before }
    if goesOn {
      failed.removeAll { $0.tries.name == fresh.tries?.before }
      begun = fresh.tries
    }
    if isAwaited || goesOn || selection.takes(fresh) {
      fresh.hold(session)
      followed.append(fresh)
    }
    return true
  }
}
