import Glibc
import Ledger
import TestSupport
import Testing

/// Each call that `taro exec` makes on its ledger fails in turn. The job runs once, with its output and its exit code,
/// and the ledger is good afterwards.
@Suite("Faults: exec", .temporaryDirectory)
struct ExecFaultTests {
  private static let once = Fault.Kind.allCases.filter { $0 != .kill }
  /// What is interrupted for ever is tried for ever, as it should be.
  private static let forGood = once.filter { $0 != .interrupted }

  /// A ledger that is there, as it is for all runs but the first.
  @Test(arguments: once) func `one call fails`(kind: Fault.Kind) throws {
    let taro = try Self.used()
    try FaultSweep.run(kind, goesOn: false, few: 3) { try check($0, taro) }
  }

  @Test(arguments: forGood) func `all calls fail from one on`(kind: Fault.Kind) throws {
    let taro = try Self.used()
    try FaultSweep.run(kind, goesOn: true, few: 3) { try check($0, taro) }
  }

  @Test(arguments: once) func `one call fails while the ledger is made`(kind: Fault.Kind) throws {
    try FaultSweep.run(kind, goesOn: false, few: 3) { fault in
      try check(fault, try TaroProgram("taro-\(fault.call)"))
    }
  }

  @Test(arguments: forGood)
  func `all calls fail from one on while the ledger is made`(kind: Fault.Kind) throws {
    try FaultSweep.run(kind, goesOn: true, few: 3) { fault in
      try check(fault, try TaroProgram("taro-\(fault.call)"))
    }
  }

  private static func used() throws -> TaroProgram {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "first", "true").expect(code: 0, stderr: "")
    return taro
  }

  /// Runs a job with that fault, and a job and a verification without.
  private func check(_ fault: Fault, _ taro: TaroProgram) throws -> FaultShim.Report {
    let job = "job-\(fault.call)"
    let marks = "\(taro.work)/marks-\(fault.call)"
    let shim = try FaultShim(fault, paths: [taro.ledger.path])
    let result = try taro.run(
      "exec", "--id", job, "sh", "-c", "echo x >>\(marks); seq 100; echo err >&2; exit 3"
    ) { $0.environment.merge(shim.environment) { $1 } }
    let report = try shim.report()
    let comment = Comment(rawValue: "\(fault), \(report.first)\n\(result)")

    #expect(result.code == 3, comment)
    #expect(result.text == (1...100).map { "\($0)\n" }.joined(), comment)
    #expect(try Files.text(marks) == "x\n", "the job did not run exactly once; \(comment)")
    let said = result.errorLines.filter { $0 != "err" }
    #expect(said.count <= 1 && said.allSatisfy { $0.hasPrefix("taro: ") }, comment)

    let next = try taro.run("exec", "--id", "next", "true")
    #expect(next.code == 0 && next.stderr == "", "\(comment)\n\(next)")
    #expect(try taro.ending(ofJob: "next")?.state == .completed, comment)
    let verified = try taro.run("ledger", "verify")
    #expect(verified.code == 0, "\(comment)\n\(verified)")
    if said.isEmpty { try expectWhole(job, taro, comment) }
    return report
  }

  private func expectWhole(_ job: String, _ taro: TaroProgram, _ comment: Comment) throws {
    let events = try taro.events(ofJob: job)
    #expect(events.filter { $0.kind.isTerminal }.count == 1, comment)
    let ending = try taro.ending(ofJob: job)
    #expect(ending?.state == .failed && ending?.ending.exitCode == 3, comment)
    let output = events.filter { $0.kind == .output }.map { OutputTotals($0.json) }
    #expect(output.reduce(0) { $0 + $1.bytes } == 292 + 4, comment)
  }
}
