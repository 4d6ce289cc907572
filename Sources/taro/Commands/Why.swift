internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Linux
internal import Operations
internal import Presentation
internal import Projections

struct Why: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Say in a sentence why an instance is in its state.",
    discussion: """
      What it waits for and who is ahead of it; why it was not run; how it ended. Of a job that taro expect names also \
      when it was due, and whether it was so.

        taro why backup
      """)

  @Argument(
    help: ArgumentHelp("A job (its newest instance) or an instance.", valueName: "name"),
    completion: .instances)
  var name: String

  @OptionGroup var asOf: MomentOption
  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func run() throws {
    guard let view = try asOf.view(ledger) else { throw LedgerSession.NameError.nothing(name) }
    let output = StandardOutput()
    // It may never have run.
    if try view.projections.newestRun(ofJob: name) == nil {
      let expected = try ExpectedAnswer.sentences(name, view, beside: nil)
      if !expected.isEmpty {
        output.write("\(color.palette.paint(name, .jobID)) has never run.\n")
        for sentence in expected { output.write("\(sentence)\n") }
        return output.flush()
      }
    }
    let record = try view.run(named: name)
    let expected = try ExpectedAnswer.sentences(name, view, beside: record)
    let live = record.waitCause == nil ? nil : LiveQueues(try LiveInstances(view.projections))
    let instance = InstanceDocument(record, at: view.moment, among: live)
    output.write(
      WhyText.line(instance, color.palette, now: view.moment.wall) {
        "taro release \($0)"
      })
    let standing = try StandingText(record, in: view)
    if let row = standing.row { output.write("That is \(row).\n") }
    if let good = standing.good {
      output.write("\(good.prefix(1).uppercased())\(good.dropFirst()).\n")
    }
    if !record.state.isTerminal, let usually = standing.usually {
      output.write("It takes \(usually).\n")
    }
    for sentence in expected { output.write("\(sentence)\n") }
    output.flush()
  }
}
