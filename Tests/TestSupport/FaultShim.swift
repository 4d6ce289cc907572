internal import Glibc
internal import Linux

/// What goes wrong in a `taro` under test: one call on the files of its ledger, or all from that one on.
package struct Fault: Sendable, CustomStringConvertible {
  package enum Kind: String, CaseIterable, Sendable {
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

  package let kind: Kind
  /// Of the calls that can have this error, counted from 1; 0: none.
  package let call: Int
  package let goesOn: Bool

  package init(_ kind: Kind, call: Int, goesOn: Bool = false) {
    self.kind = kind
    self.call = call
    self.goesOn = goesOn
  }

  package var description: String {
    "\(kind.rawValue) at call \(call)\(goesOn ? " and from then on" : "")"
  }
}

/// Tests/FaultShim, put in front of libc in a `taro` under test.
package struct FaultShim: Sendable {
  package let environment: [String: String]
  private let reportPath: String

  package struct Report: Sendable {
    package let calls: Int
    package let faults: Int
    /// The first call that failed, and its file.
    package let first: String
  }

  /// - Parameter paths: directories and files whose calls are meant.
  package init(_ fault: Fault, paths: [String]) throws {
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

  private static let reportBytes = 16 + 256

  /// What has happened; reads it once.
  package func report() throws -> Report {
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

/// Tries a fault at each call in turn, until a run has met none; with TARO_FAULTS=full really at each, otherwise at a
/// seeded few.
package struct FaultSweep {
  private static let isFull = Environment.value("TARO_FAULTS") == "full"

  /// - Parameters:
  ///   - few: how many calls are tried when not all are.
  ///   - step: runs once with this fault; a call of 0 only counts.
  package static func run(
    _ kind: Fault.Kind, goesOn: Bool, few: Int, _ step: (Fault) throws -> FaultShim.Report
  ) throws {
    func isMet(_ call: Int) throws -> Bool {
      try step(Fault(kind, call: call, goesOn: goesOn)).faults > 0
    }
    if isFull {
      var call = 1
      while try isMet(call) { call += 1 }
      print("\(kind.rawValue)\(goesOn ? " for good" : ""): \(call - 1) calls failed in turn")
      return
    }
    let count = try step(Fault(kind, call: 0, goesOn: goesOn)).calls
    guard count > 0 else { return }
    var generator = SeededGenerator(for: "calls that fail with \(kind.rawValue)")
    for call in (1...count).shuffled(using: &generator).prefix(few) { _ = try isMet(call) }
  }
}
