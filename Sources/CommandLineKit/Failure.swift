/// A command that could not do what it was asked: a line for stderr, and the exit code.
package struct Failure: Error {
  package static let usageCode: Int32 = 64
  package static let timedOutCode: Int32 = 124

  package let message: String
  package let code: Int32

  package init(_ message: String, code: Int32 = 1) {
    self.message = message
    self.code = code
  }

  /// Wrong use of an option or argument.
  package static func usage(_ message: String) -> Failure { Failure(message, code: usageCode) }
}
