import Events
import Glibc
import Ledger
import TestSupport
import Testing

/// A redaction is killed at each call that changes anything: it is done or it is not, and the next command removes what is left.
@Suite("Faults: redact", .temporaryDirectory, .needsFaultShim)
struct RedactFaultTests {
  private let taro: TaroProgram
  private let before: [String: [UInt8]]
  private let secret = "hunter2SECRET"
  private static let names = ["ledger.db", "ledger.db-wal", "ledger.lock"]

  init() throws {
    taro = try TaroProgram()
    try taro.exec("a", "sh", "-c", "echo hunter2SECRET; seq 500; echo hunter2SECRET >&2")
    try taro.exec("b", "true")
    var files: [String: [UInt8]] = [:]
    for name in Self.names { files[name] = try Files.contents("\(taro.ledger.path)/\(name)") }
    before = files
  }

  private func restore() throws {
    for name in Files.names(in: taro.ledger.path)
    where name.hasSuffix("-shm") || name.hasPrefix("projections") {
      unlink("\(taro.ledger.path)/\(name)")
    }
    for (name, bytes) in before { try Files.write(bytes, to: "\(taro.ledger.path)/\(name)") }
    try taro.run("hist").expect(code: 0)
  }

  @Test(arguments: [
    FaultSweep(kind: .kill, goesOn: false), FaultSweep(kind: .inputOutput, goesOn: false),
  ])
  func `it is done or it is not`(sweep: FaultSweep) throws {
    try sweep.stride(12, for: "redaction") { fault in
      try restore()
      let shim = try FaultShim(fault, paths: [taro.ledger.path])
      let result = try taro.run("redact", "a", "--pattern", secret, "--force", change: shim.apply)
      let report = try shim.report()
      let comment = Comment(rawValue: "\(fault), \(report.first)\n\(result)")
      if fault.kind == .kill, report.faults > 0 { #expect(result.code == nil, comment) }
      // Whoever comes next removes what is left; not while somebody else does.
      try taro.run("ps").expect(code: 0, stderr: "")
      let verified = try taro.run("ledger", "verify")
      #expect(verified.code == 0, "\(comment)\n\(verified)")
      let isDone = try taro.events().contains { $0.kind == .redacted }
      let output = try taro.run("output", "a").expect(code: 0).text
      #expect(output.contains(secret) != isDone, comment)
      let found = try taro.shell("grep -rlaF \(secret) \"$TARO_LEDGER\"")
      if isDone { #expect(found.lines.isEmpty, "\(comment)\n\(found)") }
      if result.code == 0 { #expect(isDone, comment) }
      // Who cannot look at a file has not seen that it is gone.
      #expect(!Files.names(in: taro.ledger.path).contains { $0.contains("sealed") }, comment)
      return report
    }
  }
}
