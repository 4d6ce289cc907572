internal import Events
import Glibc
internal import Ledger
import TestSupport
import Testing

/// Each call that a query makes on the ledger and its projections fails in turn: it answers what is so, or says why it
/// cannot.
@Suite("Faults: queries", .temporaryDirectory, .needsFaultShim)
struct QueryFaultTests {
  /// What is asked of a ledger with finished runs alone: the answer is always the same.
  static let queries = [
    ["hist", "-f", "json"], ["show", "b", "-f", "json"], ["output", "a"], ["stats", "-f", "json"],
    ["why", "b"], ["ledger", "head"],
  ]

  @Test(arguments: FaultSweep.some(of: FaultSweep.all, 4, for: "queries"))
  func `a query answers rightly or says why not`(sweep: FaultSweep) throws {
    let taro = try Self.used()
    var random = SeededGenerator(for: "queries, \(sweep)")
    for query in Self.queries.shuffled(using: &random).prefix(FaultSweep.isFull ? .max : 1) {
      let wanted = try taro.runAll(query).expect(code: 0, stderr: "").text
      try sweep.run { fault in
        // Made anew each time, which is most of the calls.
        try taro.shell("rm -f \"$TARO_LEDGER\"/projections.db*").expect(code: 0)
        let shim = try FaultShim(fault, paths: [taro.ledger.path])
        let result = try taro.start(
          bytes: query.map { Array($0.utf8) }, change: shim.apply
        ).finish()
        let report = try shim.report()
        let comment = Comment(rawValue: "\(fault), \(report.first)\n\(result)")
        if result.code == 0 {
          #expect(result.text == wanted, comment)
          #expect(result.stderr == "", comment)
        } else {
          Self.expectReason(result, fault, comment)
        }
        try expect(taro.runAll(query).text, is: wanted, "afterwards; \(comment)")
        return report
      }
    }
  }

  @Test(arguments: FaultSweep.some(of: FaultSweep.all, 4, for: "ps"))
  func `ps knows who lives or says why not`(sweep: FaultSweep) throws {
    let taro = try Self.used()
    let job = try taro.startJob("live")
    try sweep.run { fault in
      try taro.shell("rm -f \"$TARO_LEDGER\"/projections.db*").expect(code: 0)
      let shim = try FaultShim(fault, paths: [taro.ledger.path])
      let result = try taro.run("ps", "-f", "json", change: shim.apply)
      let report = try shim.report()
      let comment = Comment(rawValue: "\(fault), \(report.first)\n\(result)")
      if result.code == 0 {
        let jobs = try JSON(parsing: result.text)["instances"]?.array?
          .compactMap { $0["job"]?.string }
        #expect(jobs == ["live"], comment)
      } else {
        Self.expectReason(result, fault, comment)
      }
      let live = try taro.events(ofJob: "live")
      #expect(!live.contains { $0.kind.isTerminal }, "it was taken for lost; \(comment)")
      return report
    }
    job.closeInput()
    try job.finish().expect(code: 0)
  }

  @Test(arguments: FaultSweep.some(of: FaultSweep.all, 4, for: "rebuild"))
  func `a rebuild that fails leaves nothing that is wrong`(sweep: FaultSweep) throws {
    let taro = try Self.used()
    let wanted = try taro.run("hist", "-f", "json").expect(code: 0).text
    try sweep.run { fault in
      let shim = try FaultShim(fault, paths: [taro.ledger.path])
      let result = try taro.run("ledger", "rebuild", change: shim.apply)
      let report = try shim.report()
      let comment = Comment(rawValue: "\(fault), \(report.first)\n\(result)")
      if result.code != 0 { Self.expectReason(result, fault, comment) }
      try expect(taro.run("hist", "-f", "json").text, is: wanted, comment)
      let verified = try taro.run("ledger", "verify")
      #expect(verified.code == 0, "\(comment)\n\(verified)")
      return report
    }
  }

  private static func used() throws -> TaroProgram {
    let taro = try TaroProgram()
    try taro.exec("a", "seq", "10")
    try taro.exec("b", "sh", "-c", "exit 3", code: 3)
    try taro.exec("a", "seq", "20")
    return taro
  }

  private static func expectReason(_ result: TaroResult, _ fault: Fault, _ comment: Comment) {
    if fault.kind == .kill {
      #expect(result.code == nil, comment)
      return
    }
    #expect(result.code != nil, "it crashed; \(comment)")
    #expect(result.text == "", "half an answer; \(comment)")
    #expect(result.errorLines.count == 1, comment)
    #expect(result.stderr.hasPrefix("taro: "), comment)
  }
}
