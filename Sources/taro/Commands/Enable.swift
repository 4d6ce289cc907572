internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Ledger
internal import Linux
internal import Operations
internal import Presentation
internal import Projections

struct Enable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enable",
    abstract: "Let disabled jobs run again.",
    discussion: """
      Takes back a taro disable of the same pattern.

        taro enable backup
        taro enable 'report-*'

      0 taken back, 1 none of them was disabled, or another pattern still disables one.
      """)

  @Argument(
    help: ArgumentHelp("Patterns, as they were given to disable.", valueName: "pattern"),
    completion: .disabledPatterns)
  var patterns: [String]

  @OptionGroup var ledger: LedgerOption

  func validate() throws { try JobPatterns.check(patterns) }

  func run() throws {
    guard let session = try ledger.view() else { throw noneIsDisabled }
    let enabled = try JobSwitching(session, by: .thisProcess()).enable(patterns)
    let output = StandardOutput()
    if !enabled.removed.isEmpty {
      output.write(
        "Removed from disabled jobs: \(JobPatterns.list(enabled.removed.map(\.pattern)))\n")
    }
    output.flush()
    guard enabled.stillDisabled.isEmpty else {
      throw Failure(enabled.stillDisabled.map(Self.text).joined(separator: "; "))
    }
    if enabled.removed.isEmpty { throw noneIsDisabled }
  }

  private var noneIsDisabled: Failure {
    Failure("None of provided jobs is disabled; taro list-disabled shows what is")
  }

  private static func text(_ name: String, _ wider: String) -> String {
    let (name, pattern) = (PrintableText.escaped(name), PrintableText.escaped(wider))
    return "\(name) is still disabled, by \(pattern); taro enable '\(pattern)' takes that back"
  }
}
