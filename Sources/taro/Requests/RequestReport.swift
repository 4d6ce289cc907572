internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Glibc
internal import Operations
internal import Presentation
internal import Projections

/// The report of requests, a line an instance, as their outcome is found.
struct RequestReport {
  private let verb: String
  private let signal: String
  private let palette: Palette
  private let output = StandardOutput(flushesLines: true)

  /// - Parameters:
  ///   - verb: what was asked for: "stop".
  ///   - signal: what the job gets, without SIG.
  init(verb: String, signal: String, _ palette: Palette) {
    self.verb = verb
    self.signal = signal
    self.palette = palette
  }

  func write(_ record: InstanceRecord, _ outcome: RequestExecution.Outcome) {
    let name = palette.paint(
      job: record.job, instance: record.instance.text)
    guard let text = text(outcome) else { return }
    output.write("\(name) \(text)\n")
  }

  private func text(_ outcome: RequestExecution.Outcome) -> String? {
    switch outcome {
    case .requested: "-> \(verb) requested"
    case .signalled: "-> SIG\(signal) sent, its runner is gone"
    case .hasEnded: "has just ended"
    case .declined(let refusal): text(refusal)
    case .notDelivered(let error): "-> not delivered: \(PrintableText.escaped(error))"
    // The last line on stderr tells it.
    case .failed: nil
    // No request of the command line has a key.
    case .repeated: nil
    }
  }

  private func text(_ refusal: InstanceRequest.Refusal) -> String {
    switch refusal {
    case .isNotRunning: "is not running yet"
    case .isPaused: "is paused already"
    case .isNotPaused: "is not paused"
    }
  }

  /// Ends the command as its requests have: with the first error, else with 77 where a job could not be signalled.
  static func end(_ execution: RequestExecution) throws {
    if let error = execution.firstError { throw error }
    if execution.isUndelivered { throw ExitCode(EX_NOPERM) }
  }
}
