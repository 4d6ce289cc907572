/// The reason why a text is no schedule, as the end of a sentence.
package struct ScheduleError: Error, Equatable, Sendable, CustomStringConvertible {
  package let text: String
  package let reason: String

  package var description: String { "\"\(text)\": \(reason)" }

  init(_ text: some StringProtocol, _ reason: String) {
    self.text = String(text)
    self.reason = reason
  }
}
