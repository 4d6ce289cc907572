internal import Events
import Glibc
import Ledger
import TestSupport
import Testing

/// A recovery is killed at each call that changes anything: the damaged ledger is as it was, and the next recovery makes
/// the same of it.
@Suite("Faults: recovery", .temporaryDirectory, .needsFaultShim)
struct RecoveryFaultTests {
  private let taro: TaroProgram
  private var target: LedgerDirectory { LedgerDirectory("\(taro.root)/new") }

  /// A ledger with an event that is not what it was, and output that cannot be read.
  init() throws {
    taro = try TaroProgram()
    try taro.exec("a", "seq", "500")
    // Its connection is the last one, and takes the WAL with it.
    try Damage.allChunks(taro.ledger)
    for job in ["b", "c"] { try taro.exec(job, "seq", "500") }
    let wal = "\(taro.ledger.path)/ledger.db-wal"
    var bytes = try Files.contents(wal)
    bytes[32 + (bytes.count / 4120 - 2) * 4120 + 2000] ^= 0x55
    try Files.write(bytes, to: wal)
    unlink("\(taro.ledger.path)/ledger.db-shm")
  }

  private func files() throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in ["ledger.db", "ledger.db-wal", "ledger.lock"] {
      files[name] = try Files.contents("\(taro.ledger.path)/\(name)")
    }
    return files
  }

  /// The first tells of the recovery itself.
  private func recovered() throws -> [String] {
    try LedgerReader(target).events(after: 0, limit: .max).dropFirst().map { event in
      "\(event.seq) \(event.instance?.text ?? "") \(event.kind.name) \(event.data)"
    }
  }

  private func recover(
    change: (inout TaroProgram.Setup) -> Void = { _ in }
  ) throws -> TaroResult {
    try taro.run("ledger", "recover", taro.ledger.path, "--into", target.path, change: change)
  }

  @Test func `one that is killed keeps nobody from making it, and has changed nothing`() throws {
    let before = try files()
    try recover().expect(code: 0)
    let wanted = try recovered()
    try #require(wanted.count > 9)
    try FaultSweep(kind: .kill, goesOn: false).stride(8, for: "recovery") { fault in
      Files.removeTree(target.path)
      let shim = try FaultShim(
        fault, paths: [taro.ledger.path, target.path, "\(target.path).partial"])
      let result = try recover(change: shim.apply)
      let report = try shim.report()
      let comment = Comment(rawValue: "\(fault), \(report.first)\n\(result)")
      if report.faults > 0 { #expect(result.code == nil, comment) }
      // It had its name, and then it was whole.
      if !Files.exists(target.path) {
        let again = try recover()
        #expect(again.code == 0, "\(comment)\n\(again)")
      }
      try expect(recovered(), is: wanted, comment)
      let verified = try taro.run("ledger", "verify", "--ledger", target.path)
      #expect(verified.code == 0, "\(comment)\n\(verified)")
      #expect(!Files.exists("\(target.path).partial"), comment)
      try expect(files(), is: before, comment)
      return report
    }
  }
}
