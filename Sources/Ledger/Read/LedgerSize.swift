internal import Glibc

extension LedgerDirectory {
  /// The bytes that the ledger takes on disk, its WAL included; without the read models.
  package var bytes: Int64 {
    [database, wal].reduce(0) { sum, path in
      var info = stat()
      return unsafe sum + (stat(path, &info) == 0 ? Int64(info.st_size) : 0)
    }
  }
}
