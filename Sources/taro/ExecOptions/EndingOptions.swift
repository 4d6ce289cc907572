internal import ArgumentParser
internal import Settings

/// How the job may end. Strings alone, as in the other groups.
struct EndingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Ask the job to end after this time: INTERRUPTED, exit code 124.", valueName: "time"))
  var timeout: String?

  @Option(
    name: .customLong("kill-after"),
    help: ArgumentHelp(
      "Send SIGKILL when it has not ended so long after it was asked to.", valueName: "time"))
  var killAfter: String?

  func validate() throws {
    _ = try timeoutMicroseconds()
    _ = try killAfterMicroseconds()
  }

  func timeoutMicroseconds() throws -> Int64? { try Self.duration(timeout, "--timeout") }

  func killAfterMicroseconds() throws -> Int64? { try Self.duration(killAfter, "--kill-after") }

  private static func duration(_ text: String?, _ option: String) throws -> Int64? {
    guard let text else { return nil }
    // Longer than any clock runs, and sums with it stay within 64 bits.
    do throws(SettingError) { return min(try DurationText.microseconds(text), 1 << 60) } catch {
      throw error.about(option)
    }
  }
}
