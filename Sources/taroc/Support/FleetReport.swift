internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Fleet

/// The end of the asking of each host, told on stderr as it ends, and in the exit code.
final class FleetReport {
  private let hosts: [FleetHost]
  private(set) var answered = 0
  private(set) var failed = 0
  /// Clears what is drawn on the terminal before a line is said.
  var beforeLine: () -> Void = {}
  /// Exit codes of the far side that are an answer, besides 0.
  private let answers: Set<Int32>

  init(_ hosts: [FleetHost], answers: Set<Int32> = [1]) {
    self.hosts = hosts
    self.answers = answers
  }

  /// Takes the end of a host's answer.
  /// - Returns: whether it was an answer.
  @discardableResult
  func take(_ host: Int, _ outcome: HostOutcome, errors: [String], more: Int) -> Bool {
    let target = hosts[host]
    let failure = outcome.failure ?? Self.failure(outcome, errors, answers)
    guard let failure else {
      answered += 1
      say(target, errors, more)
      return true
    }
    failed += 1
    beforeLine()
    StandardError.say(failure.line(of: target))
    // ssh's own words are in the line already.
    if failure.step == .answer, outcome.failure == nil { say(target, errors.dropLast(), more) }
    return false
  }

  /// Says what the far side has said besides its answer.
  private func say(_ host: FleetHost, _ errors: some Collection<String>, _ more: Int) {
    guard !errors.isEmpty else { return }
    beforeLine()
    for line in errors { StandardError.say("\(host.name): \(Self.withoutProgram(line))") }
    if more > 0 { StandardError.say("\(host.name): ... and \(more) more lines") }
  }

  /// The far side names itself in each line; here the host does.
  static func withoutProgram(_ line: String) -> String {
    line.hasPrefix("taro: ") ? String(line.dropFirst("taro: ".count)) : line
  }

  private static func failure(
    _ outcome: HostOutcome, _ errors: [String], _ answers: Set<Int32>
  ) -> HostFailure? {
    guard case .answered(let code) = outcome, code != 0, !answers.contains(code) else { return nil }
    let said = errors.last.map(withoutProgram) ?? "it ended with \(code)"
    // What it does not know it calls wrong use.
    guard code == Failure.usageCode else { return HostFailure(.answer, said) }
    let reason = errors.first { $0.contains("rror: ") } ?? said
    guard ["Unknown ", "nexpected ", "there is no command"].contains(where: reason.contains) else {
      return HostFailure(.answer, "taro there refuses this: \(withoutProgram(reason))")
    }
    return HostFailure(.version, "taro there does not understand this: \(withoutProgram(reason))")
  }

  /// Ends the command: 0 where all have answered, 1 some, 2 none.
  func end() throws {
    guard failed > 0 else { return }
    throw ExitCode(answered == 0 ? 2 : 1)
  }

  /// `12 of 14 answered, 1 failed, 2.1 s`
  func progress(elapsed: Int64) -> String {
    let failures = failed > 0 ? ", \(failed) failed" : ""
    let tenths = elapsed / 100_000
    return "\(answered) of \(hosts.count) answered\(failures), \(tenths / 10).\(tenths % 10) s"
  }
}
