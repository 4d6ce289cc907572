internal import CommandLineKit
internal import Events
internal import Operations

/// Says on stderr what happens to the following of events itself.
enum FollowNotice {
  static func say(_ notice: EventFollower.Notice) {
    switch notice {
    case .ledgerReplaced: StandardError.say("going on with the ledger that was begun instead")
    case .damaged(let error): StandardError.say(ErrorText.of(error))
    case .waitsForDisk:
      StandardError.say(
        "waiting until ledger.db-wal can be put on disk: what it has is told then")
    case .dropped(let count, let position): DroppedEvents.report(count, after: position)
    }
  }
}
