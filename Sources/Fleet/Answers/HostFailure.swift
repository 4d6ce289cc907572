internal import Linux

/// The reason why a host gave no answer, or none that can be used: the step that failed, and what is known of it.
package struct HostFailure: Error, Equatable, Sendable {
  package enum Step: String, CaseIterable, Sendable {
    case name
    case connect
    case hostKey = "host key"
    case authentication
    /// The program is not there.
    case missing
    /// The other side does not understand what it is asked.
    case version
    case timeout
    case answer
  }

  package var step: Step
  package var reason: String

  package init(_ step: Step, _ reason: String) {
    self.step = step
    self.reason = reason
  }
}

/// The end of the asking of a host.
package enum HostOutcome: Equatable, Sendable {
  /// The program's own exit code; 0 of a host that was asked over HTTP.
  case answered(exitCode: Int32)
  case failed(HostFailure)

  package var failure: HostFailure? {
    guard case .failed(let failure) = self else { return nil }
    return failure
  }
}

/// Reads what the end of a process tells of the asking.
struct FailureReading {
  /// The first lines of its stderr.
  var errors: [String]
  var exitCode: Int32
  /// The answer had begun: it is the far side that has ended.
  var hasBegun: Bool

  private var last: String { errors.last ?? "" }

  /// The failure of `ssh`; nil where the far side has ended by itself.
  var ofSSH: HostFailure? {
    // Its own failures are 255 (ssh(1), EXIT STATUS), which the programs asked do not end with.
    guard exitCode == 255 || !hasBegun else { return nil }
    let text = errors.joined(separator: "\n")
    func has(_ words: String...) -> Bool { words.contains(where: text.contains) }
    let line = line { _ in true }
    if hasBegun { return HostFailure(.connect, "the connection broke: \(line)") }
    if has("Could not resolve hostname") {
      return HostFailure(.name, self.line { $0.contains("Could not resolve") })
    }
    if has("REMOTE HOST IDENTIFICATION HAS CHANGED") {
      return HostFailure(
        .hostKey, "the host's key is not the one that is known; ssh -v says which file has that")
    }
    if has("Host key verification failed", "host key is known", "No matching host key") {
      return HostFailure(.hostKey, self.line { $0.contains("key") })
    }
    if has("Permission denied (", "Too many authentication failures", "no more authentication") {
      return HostFailure(.authentication, self.line { _ in true })
    }
    guard exitCode != 255 else { return HostFailure(.connect, line) }
    return HostFailure(
      .answer, errors.isEmpty ? "it ended with \(exitCode) and said nothing" : line)
  }

  /// The failure of `curl` (curl(1), EXIT CODES); nil where it has got its answer.
  var ofHTTP: HostFailure? {
    switch exitCode {
    case 0: nil
    case 6: HostFailure(.name, last)
    case 28: HostFailure(.timeout, last)
    case 35, 51, 58, 60, 77, 80, 83, 90, 91: HostFailure(.hostKey, last)
    case 5, 7: HostFailure(.connect, last)
    case 18, 52, 55, 56, 92: HostFailure(.connect, "the connection broke: \(last)")
    default: HostFailure(.answer, last)
    }
  }

  /// The last line that fits, without the names of programs before it.
  private func line(_ fits: (String) -> Bool) -> String {
    guard var line = errors.last(where: { fits($0) && !$0.isEmpty }) else {
      return "it said nothing"
    }
    for start in ["ssh: ", "curl: "] where line.hasPrefix(start) { line.removeFirst(start.count) }
    return line
  }
}
