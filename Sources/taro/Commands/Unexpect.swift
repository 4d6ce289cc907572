internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Ledger
internal import Operations
internal import Presentation
internal import Projections

struct Unexpect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unexpect",
    abstract: "Expect nothing of a job any more.",
    discussion: """
      Takes back a taro expect. What was missed until then stays in the history.

        taro unexpect backup

      0 taken back, 1 nothing was expected of one of them.
      """)

  @Argument(help: ArgumentHelp("Job ids.", valueName: "job"), completion: .expectedJobs)
  var jobs: [String]

  @Option(help: ArgumentHelp("Why, for whoever wonders.", valueName: "text"))
  var reason: String?

  @OptionGroup var ledger: LedgerOption

  func run() throws {
    guard let session = try ledger.view() else { throw failure(jobs) }
    let removed = try JobExpecting(session, by: .thisProcess(reason: reason)).unexpect(jobs)
    let output = StandardOutput()
    if !removed.isEmpty {
      output.write("No longer expected: \(JobPatterns.list(removed))\n")
    }
    output.flush()
    let others = jobs.filter { !removed.contains($0) }
    if !others.isEmpty { throw failure(others) }
  }

  private func failure(_ jobs: [String]) -> Failure {
    Failure(
      "nothing was expected of \(JobPatterns.list(jobs)); taro expectations shows what is")
  }
}
