internal import Events
import Glibc
internal import Ledger
import TestSupport
import Testing

/// Each call that a request makes on the ledger fails in turn: what was acknowledged is recorded, once, and what was not
/// says why.
@Suite("Faults: requests", .temporaryDirectory, .needsFaultShim)
struct RequestFaultTests {
  @Test(arguments: FaultSweep.some(of: FaultSweep.all, 5, for: "disable"))
  func `disable is acknowledged when it is recorded`(sweep: FaultSweep) throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "first", "true").expect(code: 0, stderr: "")
    try sweep.run { fault in
      let pattern = "job-\(fault.call)"
      let shim = try FaultShim(fault, paths: [taro.ledger.path])
      let result = try taro.run("disable", pattern, change: shim.apply)
      let report = try shim.report()
      let comment = Comment(rawValue: "\(fault), \(report.first)\n\(result)")
      let count = try taro.events().filter {
        $0.kind == .jobDisabled && JobSwitch($0.json).pattern == pattern
      }.count
      if result.code == 0 {
        #expect(count == 1, comment)
        #expect(result.text == "Added to disabled jobs: \(pattern)\n", comment)
      } else {
        // What it does not say it has done it may have done: a flush that fails says nothing about the commit.
        #expect(count <= 1, comment)
        expectReason(result, fault, comment)
      }
      try taro.run("disable", pattern).expect(code: 0, stderr: "")
      try taro.run("exec", "--id", pattern, "false").expect(code: 0, stderr: "")
      try taro.run("ledger", "verify").expect(code: 0)
      return report
    }
  }

  @Test(arguments: FaultSweep.some(of: FaultSweep.all, 5, for: "stop"))
  func `stop is acknowledged when it is recorded`(sweep: FaultSweep) throws {
    let taro = try TaroProgram()
    try sweep.run { fault in
      let id = "job-\(fault.call)"
      let job = try taro.startJob(id)
      let shim = try FaultShim(fault, paths: [taro.ledger.path])
      let result = try taro.run("stop", "--force", id, change: shim.apply)
      let report = try shim.report()
      let comment = Comment(rawValue: "\(fault), \(report.first)\n\(result)")
      let isRecorded = try taro.events(ofJob: id).contains { $0.kind == .stopRequested }
      if result.code == 0 {
        #expect(isRecorded, comment)
        #expect(result.text.normalized.hasSuffix("-> stop requested\n"), comment)
      } else {
        expectReason(result, fault, comment)
        #expect(!result.stderr.contains("no instance to stop"), "it is running; \(comment)")
        // A request that nobody has rung for is seen with the next ring; one that was rung for has been acted on.
        let again = try taro.run("stop", "--force", id)
        let hasEnded = isRecorded && again.stderr.contains("no instance to stop")
        #expect(again.code == 0 || hasEnded, "\(comment)\n\(again)")
      }
      try job.finish().expect(code: 143, stderr: "")
      try expect(taro.ending(ofJob: id)?.state, is: .stopped, comment)
      try taro.run("ledger", "verify").expect(code: 0)
      return report
    }
  }

  /// Without TARO_FAULTS=full only its turns at the queue fail.
  @Test(
    arguments: FaultSweep.isFull
      ? FaultSweep.survived.filter { !$0.goesOn } : [FaultSweep(kind: .noLocks, goesOn: false)])
  func `who was stopped while it waited does not run, whatever its runner meets`(
    sweep: FaultSweep
  ) throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "first", "true").expect(code: 0, stderr: "")
    var call = 1
    while try stopWaiting(Fault(sweep.kind, call: call), taro).faults > 0 { call += 1 }
  }

  private func stopWaiting(_ fault: Fault, _ taro: TaroProgram) throws -> FaultShim.Report {
    let id = "job-\(fault.call)"
    let mark = "\(taro.work)/\(id)"
    let path = FaultSweep.isFull ? taro.ledger.path : "\(taro.ledger.path)/ledger.lock"
    let shim = try FaultShim(fault, paths: [path])
    let words = ["exec", "--id", id, "--pending", "never", "touch", mark]
    let process = try taro.start(bytes: words.map { Array($0.utf8) }, change: shim.apply)
    try eventually("\(fault): it waits, or runs because its gates cannot be asked") {
      try Files.exists(mark) || taro.events(ofJob: id).contains { $0.kind == .state(.pending) }
    }
    let isRun = Files.exists(mark)
    if !isRun { try taro.run("stop", "--force", id).expect(code: 0, stderr: "") }
    let result = try process.finish()
    let report = try shim.report()
    let comment = Comment(rawValue: "\(fault), \(report.first)\n\(result)")
    if isRun {
      #expect(result.code == 0, comment)
      #expect(result.stderr.contains("gates"), comment)
    } else {
      #expect(result.code == 1, comment)
      #expect(!Files.exists(mark), comment)
      _ = try taro.run("ps").expect(code: 0)
      try expect(taro.ending(ofJob: id)?.state, is: .cancelled, comment)
    }
    return report
  }

  @Test(arguments: FaultSweep.some(of: FaultSweep.all, 4, for: "retain"))
  func `retention drops what it says, or says why not`(sweep: FaultSweep) throws {
    let taro = try TaroProgram()
    let retain = ["ledger", "retain", "--force", "--set", "retention.max_records=1"]
    try sweep.run { fault in
      for job in ["a", "b"] { try taro.exec(job, "seq", "9") }
      let shim = try FaultShim(fault, paths: [taro.ledger.path])
      let result = try taro.start(bytes: retain.map { Array($0.utf8) }, change: shim.apply).finish()
      let report = try shim.report()
      let comment = Comment(rawValue: "\(fault), \(report.first)\n\(result)")
      // Killed or not, in the middle or not: what is left is whole.
      let verified = try taro.run("ledger", "verify")
      #expect(verified.code == 0, "\(comment)\n\(verified)")
      let left = try taro.run("hist", "-f", "jsonl").expect(code: 0).lines
      if result.code == 0 {
        #expect(left.count == 1, comment)
      } else {
        expectReason(result, fault, comment)
      }
      #expect(left.contains { $0.contains("\"job\":\"b\"") }, "the newest run is gone; \(comment)")
      try taro.runAll(retain).expect(code: 0, stderr: "")
      try expect(taro.run("hist", "-f", "jsonl").expect(code: 0).lines.count, is: 1, comment)
      return report
    }
  }

  private func expectReason(_ result: TaroResult, _ fault: Fault, _ comment: Comment) {
    if fault.kind == .kill {
      #expect(result.code == nil, comment)
      return
    }
    #expect(result.code != nil, "it crashed; \(comment)")
    #expect(result.errorLines.count == 1, comment)
    #expect(result.stderr.hasPrefix("taro: "), comment)
  }
}
