internal import Ledger

/// Remedies for a ledger that the server cannot use: what this program has to say of it, in one place.
enum Remedies {
  /// An error as a person is told it.
  static func text(_ error: LedgerError) -> String {
    guard let remedy = remedy(error) else { return error.description }
    return "\(error.description); \(remedy)"
  }

  private static let another = "name another directory with --ledger or TARO_LEDGER"

  private static func remedy(_ error: LedgerError) -> String? {
    switch error {
    case .missing, .ended, .conflict, .impossibleTransition, .notNotified: nil
    case .unsafe(let path, let place): remedy(place, path)
    case .networkFileSystem, .noQueue: "name a directory on a local file system"
    case .notWritable: "check its owner and mode, or \(another)"
    case .full: "free some space there"
    case .damaged, .interrupted: "taro ledger verify says what is left"
    case .replaced: "start the server again"
    case .queueTimedOut(let path, _): "see who does with: fuser -v \(path)/ledger.lock"
    case .databaseHeld(let path): "see which with: fuser -v \(path)/ledger.db"
    case .walTakenAway(let path):
      "the next taro exec goes on with what is left; see who has it open with: fuser -v \(path)/ledger.db-shm"
    case .projectionsHeld(let path): "see which with: fuser -v \(path)/projections.db"
    case .newerFormat: "update this one"
    case .inputOutput: "look at the disk (dmesg)"
    }
  }

  private static func remedy(_ place: UnsafePlace, _ path: String) -> String {
    switch place {
    case .isWritable: "run: chmod 700 \(path)"
    case .isForeign: "run taros as that user, or \(another)"
    case .databaseHasNames: "remove the others: find / -xdev -samefile \(path)/ledger.db"
    case .databaseIsSpecial, .journalIsSpecial, .queueIsSpecial: "move it away"
    case .replaceable: "take that from them (chmod go-w), or \(another)"
    case .databaseIsLink, .isNoDirectory, .isTaken, .isUnprepared, .isThere, .isNotEmpty,
      .isOfAnotherProgram, .isThereOrUnfinished, .isBeingMade:
      another
    }
  }
}
