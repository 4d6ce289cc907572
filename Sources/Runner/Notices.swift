internal import Linux

/// What taro itself has to say to the person who started the job: on stderr, which is also the job's, and therefore
/// seldom, one line each.
final class Notices: Sendable {
  private let said = Monitor<Set<String>>([])

  func say(_ text: String) { write(line: "taro: \(text)") }

  /// What others chose in it is shown and not acted on.
  func write(line: String) {
    // Who cannot be told is not told: a reader that is stopped must not stop the run.
    guard Poll.wait(2, for: .writable, milliseconds: 100) else { return }
    ErrorOutput.write(line: line)
  }

  /// Says it unless something was said this way before: of many failures that follow from one the first is enough.
  func once(_ text: String, topic: String = "ledger") {
    let isNew = said.change { $0.insert(topic).inserted }
    if isNew { say(text) }
  }
}
