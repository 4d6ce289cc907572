internal import Glibc
package import Spawn
package import Testing

/// How a `taro` ended and what it has said.
package struct TaroResult: Sendable, CustomStringConvertible {
  package let command: String
  package let end: ChildEnd
  package let stdout: [UInt8]
  package let stderr: String

  /// The exit code; nil when a signal killed it.
  package var code: Int32? {
    if case .exited(let code) = end.outcome { code } else { nil }
  }

  package var text: String { String(decoding: stdout, as: UTF8.self) }
  package var lines: [String] { text.split(separator: "\n").map(String.init) }
  package var errorLines: [String] { stderr.split(separator: "\n").map(String.init) }

  package var description: String {
    """
    $ \(command)
    ended as \(end.outcome)
    --- stderr
    \(Self.legible(stderr))
    --- stdout, \(stdout.count) bytes
    \(Self.legible(String(decoding: stdout.prefix(4000), as: UTF8.self)))
    """
  }

  private static func legible(_ text: String) -> String {
    let scalars = text.unicodeScalars.prefix(2000).map { scalar in
      scalar == "\n" || scalar.properties.generalCategory != .control ? scalar : "\u{b7}"
    }
    return String(String.UnicodeScalarView(scalars))
  }

  /// Fails the test, with all that is known of the process, unless it is as said; nil: whatever it is.
  /// - Parameter code: as a shell has it, 128 and the signal where one has killed it.
  @discardableResult
  package func expect(
    code: Int32? = nil, stdout: String? = nil, stderr: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> TaroResult {
    if let code { expect("exit code", code, end.exitCode, sourceLocation) }
    if let stdout { expect("stdout", stdout, text, sourceLocation) }
    if let stderr { expect("stderr", stderr, self.stderr, sourceLocation) }
    return self
  }

  /// For bytes of any number: a comparison in `#expect` would look for the differences, for hours.
  package func expectStdout(
    _ wanted: [UInt8], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    guard stdout != wanted else { return }
    let same = zip(stdout, wanted).prefix { $0 == $1 }.count
    Issue.record(
      "expected \(wanted.count) bytes on stdout, different from byte \(same) on\n\(self)",
      sourceLocation: sourceLocation)
  }

  /// One line on stderr, from taro, with these words in it, and nothing else.
  @discardableResult
  package func expectOneLine(
    about words: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) -> TaroResult {
    let isOne = errorLines.count == 1 && stderr.hasPrefix("taro: ") && stderr.hasSuffix("\n")
    if !isOne || !words.allSatisfy(stderr.contains) {
      Issue.record(
        "expected one line on stderr with \(words)\n\(self)", sourceLocation: sourceLocation)
    }
    return self
  }

  private func expect<Value: Equatable>(
    _ what: String, _ wanted: Value, _ found: Value?, _ sourceLocation: SourceLocation
  ) {
    guard found != wanted else { return }
    Issue.record("expected \(what) \(wanted)\n\(self)", sourceLocation: sourceLocation)
  }
}
