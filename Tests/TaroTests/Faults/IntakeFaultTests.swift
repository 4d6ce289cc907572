internal import Events
import Glibc
import Ledger
import TestSupport
import Testing

/// Each call that the intake of a spool makes fails in turn, or kills it: nothing of the run that waits is lost, and nothing
/// is there twice.
@Suite("Faults: intake", .temporaryDirectory, .needsFaultShim)
struct IntakeFaultTests {
  private let taro: TaroProgram
  /// All of the ledger's files before the intake.
  private let before: [String: [UInt8]]
  private let spool: String
  /// What is in the ledger after it.
  private let wanted: [String]

  /// A run whose end and most of whose output is in a spool, in more batches than one; its beginning is in the ledger.
  init() throws {
    taro = try TaroProgram()
    try taro.exec("before", "true")
    let job = try taro.start(
      "exec", "--id", "a", "sh", "-c", "echo one; read x; head -c 3000000 /dev/zero; exit 3"
    ) {
      $0.stdin = .pipe
      $0.stdout = .file("/dev/null")
    }
    _ = try taro.waitForEvent("its first line") { $0.kind == .output }
    let queue = try taro.holdQueue()
    try job.write("\n")
    // Kept when it has waited for the queue.
    try job.finish().expect(code: 3)
    queue.release()
    let directory = "\(taro.ledger.path)/spool"
    spool = try #require(Files.names(in: directory).first).description
    var files = ["spool/\(spool)": try Files.contents("\(directory)/\(spool)")]
    for name in ["ledger.db", "ledger.db-wal", "ledger.lock"] {
      files[name] = try Files.contents("\(taro.ledger.path)/\(name)")
    }
    before = files
    try taro.run("ps").expect(code: 0, stderr: "")
    wanted = try Self.events(taro)
    try #require(Files.names(in: directory).isEmpty && wanted.count > 12)
  }

  /// The run, event by event.
  private static func events(_ taro: TaroProgram) throws -> [String] {
    try taro.events(ofJob: "a").map { event in
      "\(event.n ?? 0) \(event.kind.name) \(event.data) \(event.payload?.description ?? "")"
    }
  }

  /// As before the intake, and every file the same one: no copy.
  private func restore() throws {
    for name in Files.names(in: taro.ledger.path)
    where name.hasSuffix("-shm") || name.hasPrefix("projections") {
      unlink("\(taro.ledger.path)/\(name)")
    }
    let directory = "\(taro.ledger.path)/spool"
    for name in Files.names(in: directory) { unlink("\(directory)/\(name)") }
    for (name, bytes) in before { try Files.write(bytes, to: "\(taro.ledger.path)/\(name)") }
  }

  /// By who asks, and by who has run something.
  private static let commands = [["ps"], ["exec", "--id", "other", "true"]]

  private func check(_ command: [String], _ fault: Fault) throws -> FaultShim.Report {
    try restore()
    let shim = try FaultShim(fault, paths: [taro.ledger.path])
    let result = try taro.start(bytes: command.map { Array($0.utf8) }, change: shim.apply).finish()
    let report = try shim.report()
    let comment = Comment(rawValue: "\(fault), \(report.first)\n\(result)")
    if fault.kind == .kill, report.faults > 0 { #expect(result.code == nil, comment) }
    // However often: the first may find that the time is over.
    try eventually("\(comment): all of it is taken in") {
      try taro.run("ps").expect(code: 0, stderr: "")
      return Files.names(in: "\(taro.ledger.path)/spool").isEmpty
    }
    try expect(Self.events(taro), is: wanted, comment)
    let verified = try taro.run("ledger", "verify")
    #expect(verified.code == 0, "\(comment)\n\(verified)")
    #expect(!Files.names(in: taro.ledger.path).contains { $0.contains("sealed") }, comment)
    return report
  }

  @Test(arguments: commands)
  func `one that is killed is gone on with by the next`(command: [String]) throws {
    try FaultSweep(kind: .kill, goesOn: false).stride(4, for: "intake by \(command[0])") {
      try check(command, $0)
    }
  }

  @Test(arguments: FaultSweep.some(of: FaultSweep.survived.filter { !$0.goesOn }, 2, for: "intake"))
  func `one that fails is gone on with by the next`(sweep: FaultSweep) throws {
    try sweep.run { try check(["ps"], $0) }
  }
}
