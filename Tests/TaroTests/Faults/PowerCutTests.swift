import Glibc
import Ledger
import Linux
import TestSupport
import Testing

/// Power is cut after each change of a file: what somebody was told, or has acted on, is in the ledger, and what is
/// there is a beginning of what was. What a cut leaves is modelled in `Disk`.
@Suite("Power cuts", .temporaryDirectory, .needsFaultShim)
struct PowerCutTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  private func start(_ arguments: String...) throws -> TaroProcess {
    try start(arguments)
  }

  private func start(_ arguments: [String]) throws -> TaroProcess {
    let environment = try PowerCuts.environment(taro)
    return try taro.start(bytes: arguments.map { Array($0.utf8) }) {
      $0.environment = environment
    }
  }

  @discardableResult
  private func run(_ arguments: String...) throws -> TaroResult { try start(arguments).finish() }

  /// All that can be left of it, or one of these for each cut.
  private static func arrivals(_ generator: inout SeededGenerator) -> [Disk.Arrival] {
    guard FaultSweep.isFull else { return [Disk.Arrival.allCases[generator.below(4)]] }
    return Disk.Arrival.allCases + [.torn, .torn, .torn]
  }

  private func check(_ purpose: String, looks: Int = 5) throws {
    var generator = SeededGenerator(for: "power cuts, \(purpose)")
    let cuts = try PowerCuts(taro)
    var chances = SeededGenerator(for: "power cuts, \(purpose), taro looks")
    let every = max(cuts.size.records / looks, 1)
    let result = try cuts.cut(
      &generator, arrivals: Self.arrivals,
      look: { directory in if chances.below(every) == 0 { try looksGood(directory) } })
    print("power cuts, \(purpose): \(result.cuts) cuts, \(result.disks) disks")
    #expect(result.complaints.isEmpty, "\(result.complaints.prefix(5))")
    #expect(cuts.size.due > 0)
  }

  /// taro goes on there, with what is left of everything that is not the ledger too.
  private func looksGood(_ directory: LedgerDirectory) throws {
    let there = { (setup: inout TaroProgram.Setup) -> Void in
      setup.environment["TARO_LEDGER"] = directory.path
    }
    try taro.run("exec", "--id", "after", "true", change: there).expect(code: 0, stderr: "")
    try taro.run("hist", "after", change: there).expect(code: 0, stderr: "")
    try taro.run("ledger", "verify", change: there).expect(code: 0, stderr: "")
    let live = try taro.run("ps", change: there).expect(code: 0, stderr: "")
    #expect(!live.text.contains("RUNNING"), "\(live)")
  }

  @Test func `while a ledger is made, and two runs later`() throws {
    try run("exec", "--id", "a", "sh", "-c", "seq 1000; exit 3").expect(code: 3, stderr: "")
    try run("exec", "--id", "b", "echo", "out").expect(code: 0, stderr: "")
    try run("disable", "b").expect(code: 0, stderr: "")
    try run("exec", "--id", "b", "echo", "out").expect(code: 0, stderr: "")
    try check("the first runs")
  }

  @Test func `while runs and a stop are under way together`() throws {
    let long = try start("exec", "--id", "long", "sh", "-c", "echo ready; exec sleep 60")
    try expect(long.readLine(), is: "ready")
    let others = try (1...3).map { try start("exec", "--id", "a\($0)", "sh", "-c", "seq 500") }
    try run("stop", "--force", "long").expect(code: 0, stderr: "")
    for process in others { try process.finish().expect(code: 0, stderr: "") }
    try long.finish().expect(code: 143, stderr: "")
    try check("four runs and a stop")
  }

  /// More than a MiB in the WAL: the next run begins with a checkpoint.
  @Test(.enabled(if: FaultSweep.isFull, "takes minutes: make faults"))
  func `while the WAL is moved into the database`() throws {
    let bytes = try Files.randomBytes(1_300_000)
    try Files.write(bytes, to: "\(taro.work)/bytes")
    for job in ["a", "b", "c"] {
      try run("exec", "--id", job, "cat", "bytes").expect(code: 0, stderr: "")
    }
    try check("checkpoints", looks: 50)
  }

  @Test func `a disk that only says that it has synced the WAL is found out`() throws {
    try run("exec", "--id", "a", "true").expect(code: 0, stderr: "")
    try run("exec", "--id", "b", "true").expect(code: 0, stderr: "")
    var generator = SeededGenerator(for: "power cuts, a disk that lies")
    let result = try PowerCuts(taro).cut(
      &generator, arrivals: { _ in [.nothing] }, lies: { $0.hasSuffix("ledger.db-wal") })
    #expect(result.complaints.contains { $0.contains("were relied on") })
  }
}
