package import Events
package import Linux
package import SQLite

/// The ledger could not do what it was asked. Each case is told apart by some caller; `description` says what failed, by
/// name, and why. What to do about it, the program says.
package enum LedgerError: Error, Sendable, CustomStringConvertible {
  /// There is no ledger in this directory (yet).
  case missing(path: String)
  /// The directory belongs to somebody else, or others may write it.
  case unsafe(path: String, UnsafePlace)
  /// WAL needs memory that all processes share, which a file system of several hosts has not.
  case networkFileSystem(path: String, type: String)
  case notWritable(path: String, reason: String)
  case full(path: String, reason: String)
  case damaged(path: String, reason: String)
  /// It was damaged, and whoever put it aside as that file was killed before there was another.
  case interrupted(path: String, file: String)
  /// It was put aside, and another stands at its name: what was asked of the first has to be asked again.
  case replaced(path: String)
  /// Other writers held the append queue for longer than this one waits.
  case queueTimedOut(path: String, milliseconds: Int)
  /// Another program held the database's own lock for longer than this writer or reader waits.
  case databaseHeld(path: String)
  /// The WAL is not the one that its index tells of, or has lost some of it: somebody has emptied, cut, replaced or
  /// removed it while a process that lives has it open.
  case walTakenAway(path: String)
  /// Somebody else holds the lock of the read models, and does not come on.
  case projectionsHeld(path: String)
  /// The append queue's lock cannot be had here at all.
  case noQueue(path: String, reason: String)
  /// Made by a later version.
  case newerFormat(path: String, version: Int64)
  case inputOutput(path: String, reason: String)
  /// The request is on record, and nobody could ring for it.
  case notNotified(name: String, reason: String)
  /// The instance has a terminal event; nothing may follow it.
  case ended(InstanceID)
  /// Something else stands at that position of the instance.
  case conflict(InstanceID, n: Int64)
  /// The states do not follow each other.
  case impossibleTransition(InstanceID, from: InstanceState?, to: InstanceState)

  package var description: String {
    switch self {
    case .missing(let path): "there is no ledger in \(path): nothing has been run with it yet"
    case .unsafe(let path, let place): "ledger \(path): \(place.reason)"
    case .networkFileSystem(let path, let type):
      "ledger \(path): it is on a file system that other hosts may share (\(type)), where SQLite's WAL cannot work"
    case .notWritable(let path, let reason): "ledger \(path): cannot be written: \(reason)"
    case .full(let path, let reason): "ledger \(path): no space: \(reason)"
    case .damaged(let path, let reason): "ledger \(path): damaged: \(reason)"
    case .interrupted(let path, let file):
      "ledger \(path): damaged: it was put aside as \(file), and whoever did that was interrupted"
    case .replaced(let path): "ledger \(path): it was put aside, and a new one was begun"
    case .queueTimedOut(let path, let milliseconds):
      "ledger \(path): other writers held \(path)/ledger.lock for \(milliseconds) ms"
    case .databaseHeld(let path):
      "ledger \(path): another program holds the lock of \(path)/ledger.db (a backup, or sqlite3 in a transaction)"
    case .walTakenAway(let path):
      "ledger \(path): somebody has emptied, cut, replaced or removed \(path)/ledger.db-wal while it was open"
    case .projectionsHeld(let path):
      "ledger \(path): somebody else holds the lock of \(path)/projections.db, and may be stopped"
    case .noQueue(let path, let reason):
      "ledger \(path): it has no append queue: \(reason); without it SQLite "
        + "\(Connection.libraryVersion) can lose what is committed, so nothing is written there"
    case .newerFormat(let path, let version):
      "ledger \(path): has format \(version), made by a later version"
    case .inputOutput(let path, let reason):
      "ledger \(path): reading or writing failed: \(reason)"
    case .notNotified(let name, let reason):
      "what was asked of \(name) is recorded, but its runner could not be told: \(reason)"
    case .ended(let instance): "instance \(instance) has ended"
    case .conflict(let instance, let n): "instance \(instance) has another event at position \(n)"
    case .impossibleTransition(let instance, let from, let to):
      "instance \(instance) cannot go from \(from?.rawValue ?? "NONE") to \(to.rawValue)"
    }
  }

  package init(_ error: SQLiteError, _ path: String) {
    self =
      switch error.kind {
      case .full: .full(path: path, reason: error.message)
      case .readOnly, .cannotOpen: .notWritable(path: path, reason: error.message)
      case .damaged: .damaged(path: path, reason: error.message)
      // The queue keeps writers apart; only a foreign program can hold SQLite's own locks for so long.
      case .busy: .databaseHeld(path: path)
      case .inputOutput where error.isOfShortWAL: .walTakenAway(path: path)
      case .inputOutput, .constraint, .other:
        .inputOutput(path: path, reason: error.description)
      }
  }

  package init(_ error: SystemCallError, _ path: String) {
    self =
      switch error.errno {
      case .noSpace, .quotaExceeded, .fileTooLarge: .full(path: path, reason: error.description)
      case .inputOutput: .inputOutput(path: path, reason: error.description)
      default: .notWritable(path: path, reason: error.description)
      }
  }
}
