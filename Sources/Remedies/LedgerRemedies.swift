internal import Glibc
package import Ledger

/// Says what a person can do about a ledger that cannot be used, in the words of the programs: libraries say what happened and
/// why.
package struct LedgerRemedies: Sendable {
  private let program: String
  private let again: String

  /// - Parameters:
  ///   - program: its name.
  ///   - again: how somebody tries once more.
  package init(program: String, again: String) {
    self.program = program
    self.again = again
  }

  /// An error as a person is told it.
  package func text(_ error: LedgerError) -> String {
    remedy(error).map { "\(error.description); \($0)" } ?? error.description
  }

  private func remedy(_ error: LedgerError) -> String? {
    switch error {
    case .missing, .ended, .conflict, .impossibleTransition: nil
    case .unsafe(let path, let place): remedy(place, path)
    case .networkFileSystem:
      "name a local directory with --ledger or TARO_LEDGER, or, where no other host has it, say "
        + "ledger.file_system: local in the configuration"
    case .notWritable:
      "check its owner and mode, or name another directory with --ledger or TARO_LEDGER"
    case .full: "free some space there"
    case .damaged:
      "taro ledger verify says what is left, taro ledger recover brings back what can be proven, and the next "
        + "taro exec puts it aside and begins a new one"
    case .interrupted: "the next taro exec goes on with it, and brings back what can be read"
    case .replaced: again
    case .queueTimedOut(let path, _): "see who does with: fuser -v \(path)/ledger.lock"
    case .databaseHeld(let path): "see which with: fuser -v \(path)/ledger.db"
    case .walTakenAway(let path):
      "the next event of the run that has it open, or the next taro exec, goes on with what is left; "
        + "see who has it open with: fuser -v \(path)/ledger.db-shm"
    case .projectionsHeld(let path): "see which with: fuser -v \(path)/projections.db"
    case .noQueue: "name a directory on a local file system with --ledger or TARO_LEDGER"
    case .newerFormat: "update this one"
    case .inputOutput: "look at the disk (dmesg)"
    case .notNotified: "ask once more"
    }
  }

  private func remedy(_ place: UnsafePlace, _ path: String) -> String {
    let another = "name another directory with --ledger or TARO_LEDGER"
    return switch place {
    case .databaseIsLink: "name the directory that it is in, with --ledger or TARO_LEDGER"
    case .databaseHasNames:
      "remove the others; this finds them: find / -xdev -samefile \(path)/ledger.db"
    case .databaseIsSpecial: "move it away: the next run makes a ledger"
    case .journalIsSpecial: "move it away"
    case .queueIsSpecial: "move it away: the next taro makes it"
    case .replaceable: "take that from them (chmod go-w), or \(another)"
    case .isNoDirectory: "name a directory with --ledger or TARO_LEDGER"
    case .isForeign:
      "run \(program) as that user, or have its owner let a group read it (chmod 2750 \(path)), or \(another)"
    case .isTaken: "somebody has taken the place of user \(geteuid()): root can remove it"
    case .isNotYetShared: "the next \(program) exec of that user lets the group read it"
    case .isWritable(let mode) where mode.hasPrefix("2") && mode.count == 4:
      "run: chmod go-w \(path); who may only read it is not refused"
    case .isWritable: "run: chmod go-w \(path)"
    case .isUnprepared(let parent, _):
      "run as root: install -d -m 1733 \(parent); or name a directory with --ledger or TARO_LEDGER"
    case .isThere: "remove it, or name another directory with --into"
    case .isNotEmpty: "remove it, or name another directory"
    case .isOfAnotherProgram: another
    case .isThereOrUnfinished: "remove it when nobody is making it, or name another directory"
    case .isBeingMade: "wait for it, or name another directory"
    }
  }
}
