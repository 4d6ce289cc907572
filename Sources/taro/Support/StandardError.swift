internal import Linux

/// What taro has to say besides its answer.
enum StandardError {
  /// Writes a line; what others chose in it is shown and not acted on.
  static func say(_ text: String) { ErrorOutput.write(line: "taro: \(text)") }
}
