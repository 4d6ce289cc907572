internal import Linux

/// Something in the configuration that cannot be used.
package struct ConfigurationProblem: Hashable, Sendable, CustomStringConvertible {
  /// The file, with the line where there is one: `/etc/taro/taro.yaml:12`; or `--set`.
  package let place: String
  package let message: String

  package init(place: String, message: String) {
    self.place = place
    self.message = message
  }

  /// One line.
  package var description: String { "\(EscapedText.of(place)): \(message)" }
}

/// A configuration that cannot be used.
package struct ConfigurationError: Error, CustomStringConvertible {
  /// At least one, in the order of the file.
  package let problems: [ConfigurationProblem]

  package init(_ problems: [ConfigurationProblem]) { self.problems = problems }

  package init(_ place: String, _ message: String) {
    problems = [ConfigurationProblem(place: place, message: message)]
  }

  /// One line: the first problem, and how many there are.
  package var description: String {
    let first = problems.first?.description ?? "it cannot be used"
    guard problems.count > 1 else { return first }
    return "\(first) (and \(problems.count - 1) more)"
  }
}
