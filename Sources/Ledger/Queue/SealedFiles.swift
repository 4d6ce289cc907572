internal import Events
internal import Glibc
internal import Linux

/// The files of ledgers that were found damaged and put aside.
extension LedgerDirectory {
  /// The beginning of their names; a time follows.
  package static let sealedPrefix = "ledger.db.sealed-"

  /// Their names, sorted. Of one whose database was gone there is nothing but the WAL, with `-wal` behind that name.
  package var sealed: [String] {
    let names = DirectoryListing.names(in: path).filter { name in
      name.hasPrefix(Self.sealedPrefix) && !name.hasSuffix("-shm")
    }
    return Set(names.map { $0.hasSuffix("-wal") ? String($0.dropLast(4)) : $0 }).sorted()
  }

  /// Tells whether there is anything of a ledger that was put aside under that name.
  package func hasSealed(_ name: String) -> Bool {
    ["", "-wal"].contains { unsafe access("\(path)/\(name)\($0)", F_OK) == 0 }
  }

  /// The ledger that somebody was putting aside, where so much was done of it that there is something under its name.
  package func interrupted(_ notes: QueueNotes) -> String? {
    guard let name = sealing(notes), name.hasPrefix(Self.sealedPrefix), !name.contains("/"),
      hasSealed(name)
    else { return nil }
    return name
  }

  /// The name under which it is put aside, by a note that does not fit too: it is the one among those that are there
  /// which fits the checksum.
  package func sealing(_ notes: QueueNotes) -> String? {
    guard let sum = notes.sealingSum else { return notes.sealing }
    // It may be the checksum that was changed.
    return sealed.first { QueueLayout.isChecksum(sum, ofSealing: $0) } ?? notes.sealing
  }

  /// True when there is something in a WAL that no database has. Whoever makes a ledger gives the database its first
  /// bytes before there is a WAL: so the database is asked last.
  package var hasOrphanedWAL: Bool {
    var info = stat()
    guard unsafe stat(wal, &info) == 0, info.st_size > 0 else { return false }
    return unsafe stat(database, &info) != 0 ? errno == ENOENT : info.st_size == 0
  }
}
