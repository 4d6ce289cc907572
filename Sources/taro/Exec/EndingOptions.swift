internal import ArgumentParser
internal import CommandLineKit
internal import Events

/// Options on how the job may end. Strings alone, as in the other groups.
struct EndingOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Ask the job to end after this time: INTERRUPTED, exit code 124. 0 is no limit.",
      valueName: "time"))
  var timeout: String?

  @Option(
    name: .customLong("kill-after"), parsing: .unconditional,
    help: ArgumentHelp(
      "Send SIGKILL when it has not ended so long after it was asked to.", valueName: "time"))
  var killAfter: String?

  @Flag(
    name: .customLong("die-with-taro"),
    help: "Kill it when taro is killed (SIGKILL too), instead of letting it go on alone.")
  var diesWithTaro = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Try so many times more when it fails; each try is an instance. A command that is not found, or cannot be executed, \
      is not tried again.
      """, valueName: "n"))
  var retry: String?

  @Option(
    name: .customLong("retry-delay"), parsing: .unconditional,
    help: ArgumentHelp(
      "Wait so long before the second try, twice as long before each further one, an hour at most; 1s by default.",
      valueName: "time"))
  var retryDelay: String?

  // The command reads these before anything is run.

  /// 0 is none, as with timeout(1).
  func timeoutMicroseconds() throws -> Int64? {
    try Self.duration(timeout, "--timeout").flatMap { $0 == 0 ? nil : $0 }
  }

  func killAfterMicroseconds() throws -> Int64? { try Self.duration(killAfter, "--kill-after") }

  func addRetries(to options: inout RunOptions) throws {
    let delay = try Self.duration(retryDelay, "--retry-delay") ?? 1_000_000
    guard let retry else { return }
    guard let number = UInt16(retry) else {
      throw ValidationError("--retry \(retry): a number of further tries is wanted, up to 65535.")
    }
    guard number > 0 else { return }
    options.retries = Int64(number)
    options.retryDelay = delay
  }

  private static func duration(_ text: String?, _ option: String) throws -> Int64? {
    // No clock runs as long, and sums with it stay within 64 bits.
    try OptionValue.duration(text, option).map { min($0, 1 << 60) }
  }
}
