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
      What it waits for and who is ahead of it; why it was not run; how it ended.

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
    let record = try view.instance(named: name)
    let live = record.waitCause == nil ? nil : LiveQueues(try LiveInstances(view.projections))
    let instance = InstanceDocument(record, at: view.moment, among: live)
    let palette = color.palette
    let title = palette.paint(
      job: instance.job, instance: instance.instance.text)
    let state = palette.paint(instance.state.rawValue, .state(InstanceTable.tone(instance.state)))
    let output = StandardOutput()
    output.write("\(title) is \(state)\(explanation(instance)).\n")
    output.flush()
  }

  private func explanation(_ instance: InstanceDocument) -> PrintableText {
    if let waiting = instance.waiting {
      let remedy = waiting.latch.map { ": taro release \($0)" } ?? ""
      return ": \(WaitText(waiting).sentence)\(remedy)"
    }
    guard instance.state.isTerminal else {
      let time = instance.run.map { " for \(DurationText.short($0))" } ?? ""
      return "\(time)\(instance.pausedBy == nil ? "" : ", and paused")"
    }
    let when = " since \(TimeFormat.local(instance.endedAt))"
    guard let cause = InstanceTable.cause(instance) else { return PrintableText(when) }
    return "\(when): \(cause)"
  }
}
