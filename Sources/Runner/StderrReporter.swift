internal import Linux

/// Tells the person who started the job what the runner has to say: on stderr, which is also the job's, and therefore
/// seldom, one line each.
final class StderrReporter: Sendable {
  let voice: RunnerVoice
  private let reported = Monitor<Set<String>>([])

  init(_ voice: RunnerVoice) { self.voice = voice }

  func report(_ text: String) { write(line: "\(voice.program): \(text)") }

  /// Writes a line. What others chose in it is shown and not acted on.
  func write(line: String) {
    // Who cannot be told is not told: a reader that is stopped must not stop the run.
    guard Poll.wait(2, for: .writable, milliseconds: 100) else { return }
    ErrorOutput.write(line: line)
  }

  /// Reports it unless something of this topic was reported before: of many failures that follow from one the first is enough.
  func reportOnce(_ text: String, topic: String = "ledger") {
    let isNew = reported.change { $0.insert(topic).inserted }
    if isNew { report(text) }
  }
}
