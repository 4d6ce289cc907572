internal import CommandLineKit
internal import Documents
internal import Events
internal import Fleet

/// The live instances of each host, before something is asked of it.
struct FleetInstances {
  private(set) var found: [(host: Int, document: InstanceDocument)] = []
  let report: FleetReport

  /// No host runs more; one that says so lies.
  private static let most = 10_000

  /// Asks all hosts; what they have not answered is said.
  init(_ targets: FleetOptions.Targets, _ patterns: [String]) throws {
    report = FleetReport(targets.hosts, answers: [])
    let fan = FanOut(targets.hosts, targets.settings) { _ in .live(patterns) }
    var found: [(host: Int, document: InstanceDocument)] = []
    var counts: [Int: Int] = [:]
    let report = report
    try fan.run { host, happening in
      switch happening {
      case .line(let line):
        let document = try AnswerDocument.read(line, InstanceDocument.init)
        counts[host, default: 0] += 1
        guard counts[host, default: 0] <= Self.most else {
          throw HostFailure(.answer, "more than \(Self.most) instances match; name fewer")
        }
        found.append((host, document.lean))
      case .ended(let outcome, let errors, let more):
        report.take(host, outcome, errors: errors, more: more)
      case .begun, .bytes: break
      }
    }
    // By host, each in its own order.
    self.found = found.enumerated().sorted {
      ($0.element.host, $0.offset) < ($1.element.host, $1.offset)
    }.map(\.element)
  }
}
