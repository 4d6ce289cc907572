internal import ArgumentParser
internal import Events
internal import Linux
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

  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func run() throws {
    guard let view = try ledger.view() else { throw LedgerView.NameError.nothing(name) }
    let record = try view.instance(named: name)
    let palette = color.palette
    let title = palette.paint(
      job: PrintableText.escaped(record.job), instance: record.instance.text)
    let state = palette.paint(record.state.rawValue, .state(InstanceTable.tone(record.state)))
    let output = StandardOutput()
    output.write("\(title) is \(state)\(try explanation(record, view)).\n")
    output.flush()
  }

  private func explanation(_ record: InstanceRecord, _ view: LedgerView) throws -> String {
    let now = Clock.bootMicroseconds()
    if let waiting = WaitExplanation(record, try LiveInstances(view.projections), bootNow: now) {
      let sentence = waiting.sentence(time: TimeFormat.local, duration: TimeFormat.short)
      return ": " + PrintableText.escaped(sentence)
    }
    guard record.state.isTerminal else {
      let time = record.runMicroseconds(bootNow: now).map { " for \(TimeFormat.short($0))" } ?? ""
      return time + (record.isPaused ? ", and paused" : "")
    }
    let when = " since \(TimeFormat.local(record.endedAt))"
    guard let cause = InstanceTable.cause(record) else { return when }
    return "\(when): \(PrintableText.escaped(cause))"
  }
}
