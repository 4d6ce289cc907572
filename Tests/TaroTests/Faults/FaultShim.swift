import Glibc
import Linux
import TestSupport
import Testing

/// What goes wrong in a `taro` under test: one call on the files of its ledger, or all from that one on.
struct Fault: Sendable, CustomStringConvertible {
  enum Kind: String, CaseIterable, Sendable {
    case inputOutput = "EIO"
    case noSpace = "ENOSPC"
    case noQuota = "EDQUOT"
    case readOnly = "EROFS"
    case noAccess = "EACCES"
    case tooManyFiles = "EMFILE"
    case interrupted = "EINTR"
    case noLocks = "ENOLCK"
    case noMemory = "ENOMEM"
    /// Half is written, and the next call finds no space.
    case shortWrite = "SHORT"
    /// The process is killed instead of calling.
    case kill = "KILL"

  }

  let kind: Kind
  /// Which of the calls that can have this error fails, counted from 1; 0: none.
  let call: Int
  let goesOn: Bool

  init(_ kind: Kind, call: Int, goesOn: Bool = false) {
    self.kind = kind
    self.call = call
    self.goesOn = goesOn
  }

  var description: String {
    "\(kind.rawValue) at call \(call)\(goesOn ? " and from then on" : "")"
  }
}

/// Tests/FaultShim, put in front of libc in a `taro` under test.
struct FaultShim: Sendable {
  let environment: [String: String]
  private let reportPath: String

  struct Report: Sendable {
    let calls: Int
    let faults: Int
    /// The first call that failed, and its file.
    let first: String
  }

  /// - Parameter paths: directories and files whose calls are meant.
  init(_ fault: Fault, paths: [String]) throws {
    reportPath = "\(TemporaryDirectory.path)/fault-\(UInt64.random(in: 0...UInt64.max))"
    // As long as `struct fault_report`.
    try Files.write([UInt8](repeating: 0, count: Self.reportBytes), to: reportPath)
    environment = [
      "LD_PRELOAD": try Self.library(), "FAULT_PATHS": paths.joined(separator: ":"),
      "FAULT_ERROR": fault.kind.rawValue, "FAULT_AT": "\(fault.call)",
      "FAULT_ON": fault.goesOn ? "1" : "0", "FAULT_REPORT": reportPath,
      // A crash is to be seen by its signal; its story takes seconds.
      "SWIFT_BACKTRACE": "enable=no",
    ]
  }

  static func library() throws -> String { try BuiltProgram.path("libfault-shim.so") }

  func apply(to setup: inout TaroProgram.Setup) { setup.environment.merge(environment) { $1 } }

  private static let reportBytes = 16 + 256

  /// What has happened; reads it once.
  func report() throws -> Report {
    let bytes = try Files.contents(reportPath)
    unlink(reportPath)
    func number(at offset: Int) -> Int {
      bytes[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    let first = bytes[16...].prefix { $0 != 0 }
    return Report(
      calls: number(at: 0), faults: number(at: 8), first: String(decoding: first, as: UTF8.self))
  }
}

extension Trait where Self == ConditionTrait {
  static var needsFaultShim: Self {
    .enabled(if: !BuiltProgram.areShipped, "no library comes before libc in a static program")
  }
}
