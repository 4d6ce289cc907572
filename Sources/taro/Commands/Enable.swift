internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Ledger
internal import Linux
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
    guard let view = try ledger.view() else { throw noneIsDisabled }
    let writer = try view.openWriter()
    let now = Clock.wallMicroseconds()
    let requester = Requester.thisProcess()
    var removed: [String] = []
    var left = DisabledJobs()
    try writer.turn(durable: true) { turn throws(LedgerError) in
      let disabled = try DisabledJobs(reader: writer.reader)
      for pattern in JobPatterns.distinct(patterns)
      where disabled.entry(ofPattern: pattern, at: now) != nil {
        try turn.append(
          JobPatterns.event(.jobEnabled, JobSwitch(pattern: pattern, by: requester)))
        removed.append(pattern)
      }
      left = try DisabledJobs(reader: writer.reader)
    }
    let output = StandardOutput()
    if !removed.isEmpty {
      output.write("Removed from disabled jobs: \(JobPatterns.list(removed))\n")
    }
    output.flush()
    let still = stillDisabled(left, at: now)
    guard still.isEmpty else { throw Failure(still.joined(separator: "; ")) }
    if removed.isEmpty { throw noneIsDisabled }
  }

  private var noneIsDisabled: Failure {
    Failure("None of provided jobs is disabled; taro list-disabled shows what is")
  }

  /// A job that was named, and is kept from running by a pattern that was not.
  private func stillDisabled(_ disabled: DisabledJobs, at now: Int64) -> [String] {
    JobPatterns.distinct(patterns).compactMap { name in
      guard let wider = disabled.entry(for: name, at: now)?.pattern else { return nil }
      let (name, pattern) = (PrintableText.escaped(name), PrintableText.escaped(wider))
      return "\(name) is still disabled, by \(pattern); taro enable '\(pattern)' takes that back"
    }
  }
}
