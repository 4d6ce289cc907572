internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Ledger
internal import Linux
internal import Operations
internal import Presentation
internal import Projections

struct Disable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disable",
    abstract: "Keep jobs from running.",
    discussion: """
      A job that is disabled is not started: its taro exec records the run as DISABLED and ends with 0. What runs \
      already goes on.

        taro disable backup
        taro disable 'report-*' --until "2026-11-30 06:00" --reason "the tape is full"
        taro disable backup --until 2h
      """)

  @Argument(
    help: ArgumentHelp("Job ids, or globs that match them.", valueName: "pattern"),
    completion: .jobs)
  var patterns: [String]

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Until then only: a time to come, or so long from now (2h, tomorrow).", valueName: "time"))
  var until: String?

  @Option(help: ArgumentHelp("Why, for whoever wonders.", valueName: "text"))
  var reason: String?

  @OptionGroup var ledger: LedgerOption

  func validate() throws { try JobPatterns.check(patterns) }

  func run() throws {
    let now = WallTime.now
    let until = try OptionValue.future(until, "--until", now: now)
    let switching = JobSwitching(
      try ledger.viewMakingLedger(), by: .thisProcess(reason: reason))
    let disabled = try switching.disable(patterns, until: until)
    let output = StandardOutput()
    if !disabled.added.isEmpty {
      output.write("Added to disabled jobs: \(JobPatterns.list(disabled.added.map(\.pattern)))\n")
    }
    if !disabled.present.isEmpty {
      output.write("Already disabled: \(JobPatterns.list(disabled.present.map(\.pattern)))\n")
    }
    output.flush()
  }
}

/// The patterns that `disable`, `enable` and `history-remove` are given.
enum JobPatterns {
  static func check(_ patterns: [String]) throws {
    guard !patterns.contains("") else {
      throw ValidationError("A PATTERN is empty: name a job, or a glob that matches its id.")
    }
  }

  static func list(_ patterns: [String]) -> String {
    patterns.map(PrintableText.escaped).joined(separator: ", ")
  }
}
