internal import Glibc

// A ledger that a group may read. Who may read a file may lock it, too: it is for groups whose members do not mean to keep
// the owner's jobs from being recorded.
extension LedgerDirectory {
  /// Tells whether the owner has given the directory to its group to read: 2750, which no usual umask makes, though the
  /// set-group-ID bit may come from the directory above.
  static func isReadByGroup(_ mode: mode_t) -> Bool {
    mode & S_ISGID != 0 && mode & 0o077 == 0o050
  }

  /// The mode of a file that is made beside the database: as private as that is.
  package var fileMode: UInt32 {
    var info = stat()
    return unsafe stat(database, &info) == 0 && info.st_mode & 0o040 != 0 ? 0o640 : 0o600
  }

  /// Gives the group what is needed for questions: not spools, checkpoints and run files, out of which a reader would take the
  /// wake-up calls of runners. SQLite makes what is missing with the database's mode. What cannot be given is told to who reads.
  func letGroupRead() {
    let files =
      [database, wal, index, queue, bell]
      + ["", "-wal", "-shm"].map { "\(projections)\($0)" }
    for file in files {
      var info = stat()
      guard unsafe lstat(file, &info) == 0, info.st_mode & S_IFMT == S_IFREG,
        info.st_uid == geteuid(), info.st_mode & 0o040 == 0
      else { continue }
      unsafe chmod(file, 0o640)
    }
  }
}
