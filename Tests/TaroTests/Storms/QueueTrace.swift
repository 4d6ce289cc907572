import Ledger
import TestSupport

/// What processes do to a ledger's files, as the kernel tells strace, one file for each thread.
///
/// SQLite locks bytes of ledger.db-shm: 120 to commit, 121 to checkpoint, 121 and 122 together to read the WAL anew
/// (sqlite.org/walformat.html#locks). What it does to the shared memory cannot be seen, but all of it is done under these
/// locks.
struct QueueTrace {
  /// What was done without the queue's lock.
  private(set) var outside: [String] = []
  private(set) var commits = 0
  private(set) var checkpoints = 0
  private(set) var threads = 0
  /// Each thread's turns that did anything, in microseconds: from the first call after the lock to the unlock, which
  /// is a little shorter than they were.
  private(set) var turns: [(start: Int64, end: Int64)] = []

  /// In front of a command.
  static func strace(_ log: String) -> [String] {
    [
      "strace", "-ff", "--seccomp-bpf", "-qq", "-y", "-ttt", "-o", log, "-e", "signal=none",
      "-e", "trace=flock,fcntl,pwrite64,write,writev,pwritev,ftruncate,fallocate",
    ]
  }

  init(_ folder: String, _ ledger: LedgerDirectory) throws {
    for name in Files.names(in: folder) {
      try read(Files.lines("\(folder)/\(name)"), "<\(ledger.path)/ledger.")
    }
    turns.sort { $0.start < $1.start }
  }

  /// Two turns that were there at the same moment, in different processes.
  var overlap: String? {
    let pairs = zip(turns, turns.dropFirst())
    return pairs.first { $0.end > $1.start }.map { "\($0) and \($1)" }
  }

  private mutating func read(_ lines: [String], _ ours: String) {
    var isInside = false
    var since: Int64?
    threads += 1
    for line in lines where line.contains(ours) && !line.contains("= -1") {
      let time = Self.time(line)
      let file = line.split(separator: ours, maxSplits: 1).last?.prefix { $0 != ">" } ?? ""
      switch (file, line) {
      case ("lock", _) where line.contains("LOCK_EX"): (isInside, since) = (true, nil)
      case ("lock", _) where line.contains("LOCK_UN"):
        if let since { turns.append((since, time)) }
        isInside = false
      case ("db-shm", _) where line.contains("F_WRLCK"):
        if line.contains("l_start=121, l_len=1}") {
          checkpoints += 1
          if !isInside { outside.append(line) }
        }
      case ("db-wal", _), ("db", _), ("db-journal", _):
        guard !line.contains(" fcntl(") else { break }
        if file == "db-wal" { commits += 1 }
        if !isInside { outside.append(line) }
      default: break
      }
      if isInside, since == nil, file != "lock" { since = time }
    }
  }

  /// When a call began, in microseconds: "1795428000.123456 flock(...) = 0".
  private static func time(_ line: String) -> Int64 {
    let parts = line.prefix { $0 != " " }.split(separator: ".").compactMap { Int64($0) }
    return parts.count == 2 ? parts[0] * 1_000_000 + parts[1] : 0
  }
}
