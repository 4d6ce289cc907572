import Linux
import TestSupport
import Testing

/// Every byte of a small ledger changed, every length cut off, zeros to its end, or a file gone: whoever asks is refused or
/// told the truth, an acknowledged event that is missing is told of, and nobody crashes. In processes of their own, so that a crash is one.
@Suite(.temporaryDirectory) struct DamageTests {
  /// How many places there are to one that is tried; `TARO_FAULTS=full` (make faults) tries all.
  private static func stride(_ usual: Int) -> Int {
    Environment.value("TARO_FAULTS") == "full" ? 1 : usual
  }

  @Test(arguments: [
    ("file", "ledger.db", "bytes", 601), ("file", "ledger.db", "bits", 97),
    ("file", "ledger.db", "lengths", 1201), ("wal", "ledger.db", "bytes", 1201),
    ("wal", "ledger.db-wal", "bytes", 601), ("wal", "ledger.db-wal", "bits", 97),
    ("wal", "ledger.db-wal", "lengths", 1201), ("wal", "ledger.db-wal", "zeros", 1201),
    ("wal", "ledger.db-wal", "missing", 1), ("wal", "ledger.db", "missing", 1),
    ("wal", "ledger.lock", "bytes", 37), ("wal", "ledger.lock", "lengths", 37),
    ("wal", "ledger.lock", "zeros", 37), ("wal", "ledger.lock", "missing", 1),
  ])
  func `is refused or answered rightly`(
    layout: String, file: String, kind: String, usual: Int
  ) throws {
    let ledger = "\(TemporaryDirectory.path)/ledger"
    try expect(LedgerWorker.start("small", ledger, layout).wait(), is: .exited(0))
    var random = SeededGenerator(for: "\(kind) of \(file) in \(layout)")
    let (seed, stride) = (random.next(), Self.stride(usual))
    let scratch = try Files.makeTemporaryDirectory()
    defer { Files.removeTree(scratch) }
    var (next, tried, isDone) = (random.below(stride), 0, false)
    while !isDone {
      let worker = try LedgerWorker.start(
        "damage", ledger, file, kind, "\(next)", "\(stride)", "\(seed)", scratch)
      while let line = try worker.readLine() {
        if let place = Int(line) {
          (next, tried) = (place, tried + 1)
        } else if line.hasPrefix("all ") {
          isDone = true
        } else {
          Issue.record("\(line)")
        }
      }
      let end = try worker.wait()
      #expect(end == .exited(0), "at \(kind) \(next) of \(file) in \(layout), seed \(seed)")
      // Behind what it did not survive.
      next += stride
    }
    print("\(tried) \(kind) of \(file) in \(layout)")
    #expect(tried > 5 || kind == "missing" && tried == 1)
  }
}
