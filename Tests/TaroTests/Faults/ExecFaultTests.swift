internal import Events
import Glibc
internal import Ledger
import TestSupport
import Testing

/// Each call that `taro exec` makes on its ledger fails in turn. The job runs once, with its output and its exit code,
/// and the next taro has it in the ledger.
@Suite("Faults: exec", .temporaryDirectory, .needsFaultShim)
struct ExecFaultTests {
  /// A ledger that is there, as it is for all runs but the first.
  @Test(arguments: FaultSweep.some(of: FaultSweep.survived, 9, for: "exec"))
  func `the job is run and recorded`(sweep: FaultSweep) throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "first", "true").expect(code: 0, stderr: "")
    try sweep.run { try check($0, taro) }
  }

  @Test(arguments: FaultSweep.some(of: FaultSweep.survived, 9, for: "the first exec"))
  func `the job is run and recorded while the ledger is made`(sweep: FaultSweep) throws {
    try sweep.run { fault in try check(fault, try TaroProgram("taro-\(fault.call)")) }
  }

  /// The ledger, and all other places where the run could be kept.
  @Test(arguments: FaultSweep.some(of: FaultSweep.survived.filter(\.goesOn), 3, for: "no place"))
  func `the job is run when there is no place for a record at all`(sweep: FaultSweep) throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "first", "true").expect(code: 0, stderr: "")
    try sweep.run {
      try check($0, taro, places: [taro.root, "/tmp", "/var/lib", "/run"], isKept: false)
    }
  }

  /// Runs a job with that fault, and a job and a verification without.
  private func check(
    _ fault: Fault, _ taro: TaroProgram, places: [String]? = nil, isKept: Bool = true
  ) throws -> FaultShim.Report {
    let job = "job-\(fault.call)"
    let marks = "\(taro.work)/marks-\(fault.call)"
    let shim = try FaultShim(fault, paths: places ?? [taro.ledger.path])
    let result = try taro.run(
      "exec", "--id", job, "sh", "-c", "echo x >>\(marks); seq 100; echo err >&2; exit 3",
      change: shim.apply)
    let report = try shim.report()
    let comment = Comment(rawValue: "\(fault), \(report.first)\n\(result)")

    #expect(result.code == 3, comment)
    #expect(result.text == (1...100).map { "\($0)\n" }.joined(), comment)
    try expect(Files.text(marks), is: "x\n", "the job did not run exactly once; \(comment)")
    // The configuration is in a place of those too, and is a matter of its own.
    let said = result.errorLines.filter {
      $0 != "err" && !$0.contains("the configuration is not used")
    }
    // That the end is lost is found out when it comes.
    let rest = said.filter { !$0.contains("how this run has ended is kept nowhere") }
    #expect(rest.count <= 1, comment)
    #expect(said.allSatisfy { $0.hasPrefix("taro: ") }, comment)

    let next = try taro.run("exec", "--id", "next", "true")
    #expect(next.code == 0, "\(comment)\n\(next)")
    #expect(next.stderr == "", "\(comment)\n\(next)")
    try expect(taro.ending(ofJob: "next")?.state, is: .completed, comment)
    let verified = try taro.run("ledger", "verify")
    #expect(verified.code == 0, "\(comment)\n\(verified)")
    let aside = Files.names(in: taro.ledger.path).filter { $0.hasPrefix("ledger.db.sealed") }
    #expect(aside.isEmpty, "a good ledger was taken for damaged; \(comment)")
    // What says nothing is wrong has to be right.
    if isKept || said.isEmpty { try expectWhole(job, taro, comment) }
    return report
  }

  private func expectWhole(_ job: String, _ taro: TaroProgram, _ comment: Comment) throws {
    let events = try taro.events(ofJob: job)
    let kinds = events.map(\.kind)
    #expect(kinds.first == .state(.created), comment)
    #expect(kinds.contains(.state(.running)), comment)
    #expect(kinds.filter(\.isTerminal).count == 1, comment)
    let ending = try taro.ending(ofJob: job)
    #expect(ending?.state == .failed, comment)
    #expect(ending?.ending.exitCode == 3, comment)
    let output = events.filter { $0.kind == .output }.map { OutputTotals($0.json) }
    // Only what is in the ledger's own directory has room for output; what is dropped is counted.
    let dropped = ending?.ending.output?.droppedBytes ?? 0
    #expect(output.reduce(0) { $0 + $1.bytes } + dropped == 292 + 4, comment)
  }
}
