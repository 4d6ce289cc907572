internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Fleet

/// The option of questions that go back to an earlier moment on each host.
struct FleetMoment: ParsableArguments {
  @Option(
    name: .customLong("as-of"), parsing: .unconditional,
    help: ArgumentHelp(
      "The answer of that moment: a time of this host (14:30, \"2h ago\"), or a position of the host's ledger.",
      valueName: "time|seq"))
  var text: String?

  /// The question, as of that moment where one is given.
  func of(_ asking: Asking) throws -> Asking {
    guard let text else { return asking }
    if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      return asking.asOf(text)
    }
    // As this host has it: the others may be in another zone.
    let time = try OptionValue.time(text, "--as-of", now: .now)
    return time.map { asking.asOf(Timestamp.rfc3339($0)) } ?? asking
  }
}
