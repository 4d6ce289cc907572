import Linux
import TestSupport

/// One kind of fault, at one call or from one on: a case of a test that sweeps over the calls.
struct FaultSweep: Sendable, CustomStringConvertible {
  /// With TARO_FAULTS=full really each call fails in turn, otherwise a seeded few.
  static let isFull = Environment.value("TARO_FAULTS") == "full"

  let kind: Fault.Kind
  let goesOn: Bool

  var description: String { "\(kind.rawValue)\(goesOn ? " for good" : "")" }

  /// All faults, without those after which there is nothing to check. What is interrupted or killed for ever is tried
  /// for ever, as it should be.
  static let all: [FaultSweep] =
    Fault.Kind.allCases.map { FaultSweep(kind: $0, goesOn: false) }
    + Fault.Kind.allCases.filter { $0 != .interrupted && $0 != .kill }
    .map { FaultSweep(kind: $0, goesOn: true) }
  static let survived = all.filter { $0.kind != .kill }

  /// All of these, or a few.
  static func some(of sweeps: [FaultSweep], _ count: Int, for purpose: String) -> [FaultSweep] {
    guard !isFull else { return sweeps }
    var generator = SeededGenerator(for: "kinds of faults, \(purpose)")
    return Array(sweeps.shuffled(using: &generator).prefix(count))
  }

  /// Every so many calls, from a seeded one on; with TARO_FAULTS=full really each.
  /// - Parameter step: runs once with this fault; call 0 is none.
  func stride(_ count: Int, for purpose: String, _ step: (Fault) throws -> FaultShim.Report) throws
  {
    guard !Self.isFull else { return try run(step) }
    var generator = SeededGenerator(for: "every so many calls, \(purpose), \(self)")
    let calls = try step(Fault(kind, call: 0)).calls
    let distance = max(1, calls / count)
    for call in Swift.stride(from: 1 + generator.below(distance), through: calls, by: distance) {
      _ = try step(Fault(kind, call: call, goesOn: goesOn))
    }
  }

  /// - Parameter step: runs once with this fault.
  func run(_ step: (Fault) throws -> FaultShim.Report) throws {
    var call = 1
    if Self.isFull {
      while try step(Fault(kind, call: call, goesOn: goesOn)).faults > 0 { call += 1 }
      print("\(self): \(call - 1) calls failed in turn")
      return
    }
    var generator = SeededGenerator(for: "the call that fails, \(self)")
    call += generator.below(50)
    let report = try step(Fault(kind, call: call, goesOn: goesOn))
    // There were not so many.
    guard report.faults == 0, report.calls > 0 else { return }
    _ = try step(Fault(kind, call: 1 + generator.below(report.calls), goesOn: goesOn))
  }
}
