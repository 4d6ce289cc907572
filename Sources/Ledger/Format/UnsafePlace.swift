/// A fault of a place that a ledger is in, or is to be in: others could write it, or it is none.
package enum UnsafePlace: Equatable, Sendable {
  /// `ledger.db` is a symbolic link: others can write the file past this append queue.
  case databaseIsLink
  /// `ledger.db` has so many names.
  case databaseHasNames(Int)
  case databaseIsSpecial
  case journalIsSpecial
  case queueIsSpecial
  /// Others can put another in its place, and how.
  case replaceable(String)
  case isNoDirectory
  /// It belongs to this user.
  case isForeign(owner: String)
  /// The same where users without a home directory have their ledgers.
  case isTaken(owner: String)
  /// The directory is its group's to read, and the files in it are not yet.
  case isNotYetShared(owner: String)
  case isWritable(mode: String)
  /// Nobody has prepared the directory above it for a user without a home directory.
  case isUnprepared(parent: String, user: String)
  /// The thing that was to be made is there.
  case isThere
  /// It was to be empty, and something is in it.
  case isNotEmpty
  /// The database there is another program's.
  case isOfAnotherProgram
  /// The thing that was to be made is there, and may be unfinished.
  case isThereOrUnfinished
  case isBeingMade

  package var reason: String {
    switch self {
    case .databaseIsLink:
      "ledger.db is a symbolic link, so others can write the file past this append queue"
    case .databaseHasNames(let count):
      "ledger.db has \(count) names (hard links), and others can write the file past this append queue"
    case .databaseIsSpecial: "ledger.db is no regular file"
    case .journalIsSpecial: "ledger.db-journal is no regular file"
    case .queueIsSpecial: "ledger.lock is no regular file, so it cannot be the append queue"
    case .replaceable(let distrust): "others can put another in its place: \(distrust)"
    case .isNoDirectory: "it is no directory"
    case .isForeign(let owner), .isTaken(let owner): "it belongs to \(owner)"
    case .isNotYetShared(let owner):
      "it belongs to \(owner); its group may read the directory, but not yet what is in it"
    case .isWritable(let mode): "others can write it (mode \(mode))"
    case .isUnprepared(let parent, let user):
      "user \(user) has no home directory to write in, and nobody has prepared \(parent)"
    case .isThere, .isThereOrUnfinished: "it is there already"
    case .isNotEmpty: "there is something in it already"
    case .isOfAnotherProgram: "its ledger.db is another program's database"
    case .isBeingMade: "somebody else is making a ledger in it"
    }
  }
}
