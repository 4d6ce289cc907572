internal import CommandLineKit
internal import Events
internal import Fleet

/// Hosts that are followed for as long as one wants: a connection that breaks is taken up again, and that is said.
final class Following {
  let report: FleetReport
  private let targets: FleetOptions.Targets
  private var reconnections: [Reconnection]
  private var hasBegun: Set<Int> = []

  init(_ targets: FleetOptions.Targets) {
    var targets = targets
    // All at once: who waits for a place would not be followed.
    targets.settings.parallel = max(targets.settings.parallel, targets.hosts.count)
    self.targets = targets
    report = FleetReport(targets.hosts, answers: [])
    reconnections = targets.hosts.map { _ in Reconnection() }
  }

  func fan(_ asking: @escaping (Int) -> Asking) -> FanOut {
    FanOut(targets.hosts, targets.settings, asking: asking)
  }

  /// Follows until every host is one that cannot be followed, or has nothing more to say.
  /// - Parameter isDone: an end with this exit code is one that is meant.
  func run(
    _ fan: FanOut, isDone: (Int32) -> Bool = { _ in false },
    _ handle: @escaping (Int, FanOut.Happening) throws -> Void
  ) throws {
    try withoutActuallyEscaping(isDone) { isDone in
      try fan.run { [self] host, happening in
        switch happening {
        case .begun:
          hasBegun.insert(host)
          if reconnections[host].isBack() { say(host, "is back") }
          try handle(host, happening)
        case .line, .bytes: try handle(host, happening)
        case .ended(let outcome, let errors, let more):
          try handle(host, happening)
          if case .answered(let code) = outcome, isDone(code) {
            report.take(host, .answered(exitCode: 0), errors: errors, more: more)
          } else if mayComeBack(host, outcome) {
            askAgain(fan, host, outcome, errors)
          } else {
            report.take(host, outcome, errors: errors, more: more)
          }
        }
      }
    }
  }

  /// Whoever has answered once will again; of one that has not yet, only what is a matter of the moment.
  private func mayComeBack(_ host: Int, _ outcome: HostOutcome) -> Bool {
    switch outcome {
    case .answered(let code): code != Failure.usageCode
    case .failed(let failure):
      switch failure.step {
      case .connect, .timeout: true
      case .name, .hostKey, .authentication, .missing, .version, .answer: hasBegun.contains(host)
      }
    }
  }

  private func askAgain(_ fan: FanOut, _ host: Int, _ outcome: HostOutcome, _ errors: [String]) {
    let wasBroken = reconnections[host].isBroken
    fan.askAgain(host, at: reconnections[host].broke(at: .now))
    guard !wasBroken else { return }
    switch outcome {
    case .answered(let code):
      let said = errors.last.map { ": \(FleetReport.withoutProgram($0))" } ?? ""
      say(host, "it ended with \(code)\(said); asking again")
    case .failed(let failure):
      say(host, "\(failure.stepName): \(failure.reason); trying again")
    }
  }

  private func say(_ host: Int, _ text: String) {
    StandardError.say("\(targets.hosts[host].name): \(text)")
  }
}
