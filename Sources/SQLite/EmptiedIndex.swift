internal import Glibc

/// The index of a WAL (`-shm`), which all who have the database open have in their memory. Where somebody has emptied the
/// file, whoever reads a page of it is killed (SIGBUS): so it is looked at first, and gets its length back. SQLite finds
/// zeros in it then, and makes it anew of the WAL, as for the first who opens the database.
///
/// What is emptied in the midst of a transaction, or cut anywhere else, kills all the same.
struct EmptiedIndex {
  private let database: String
  /// Microseconds of the monotonic clock.
  private var nextLook: Int64 = 0

  /// Statements follow each other within microseconds.
  private static let interval: Int64 = 5000
  /// The index grows by that, for so many pages of the WAL each (sqlite.org/walformat.html, 2.2).
  private static let blockBytes: off_t = 32768
  private static let blockPages: off_t = 4062
  private static let frameBytes: off_t = 4120

  init(_ database: String) { self.database = database }

  mutating func restore() {
    var now = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    let microseconds = Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
    // Without a name it is SQLite's own, in memory.
    guard microseconds >= nextLook, !database.isEmpty else { return }
    nextLook = microseconds + Self.interval
    let path = database + "-shm"
    var (index, wal) = (stat(), stat())
    guard unsafe lstat(path, &index) == 0, index.st_mode & S_IFMT == S_IFREG, index.st_size == 0
    else {
      return
    }
    let pages = unsafe lstat(database + "-wal", &wal) == 0 ? wal.st_size / Self.frameBytes : 0
    // By its name: SQLite's locks would go with another descriptor (fcntl(2)). Two that do this at once come to the same
    // length.
    unsafe truncate(path, (pages / Self.blockPages + 1) * Self.blockBytes)
  }
}
