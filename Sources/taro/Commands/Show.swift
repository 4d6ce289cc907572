internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Ledger
internal import Linux
internal import Operations
internal import Presentation
internal import Projections

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show everything that is known of one run.",
    discussion: """
        taro show backup             of the newest run of job backup
        taro show 06rv -f json

      Of a run that has failed it shows last what it printed otherwise than the last good run of its job before it, \
      the first lines of that: taro diff has it all.
      """)

  @Argument(
    help: "A job id (its newest run), a job@instance or the beginning of an instance id.",
    completion: .instances)
  var instance: String

  @Option(name: .shortAndLong, help: "text or json.")
  var format = ReportFormat.text

  @Option(
    name: [.customShort("n", allowingJoined: true), .customLong("lines")], parsing: .unconditional,
    help: ArgumentHelp("So many of its last lines.", valueName: "n"))
  var lines = 10

  @OptionGroup var asOf: MomentOption
  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func validate() throws {
    if lines < 0 { throw ValidationError("-n \(lines): has to be 0 or more.") }
  }

  func run() throws {
    guard let view = try asOf.view(ledger) else { throw LedgerSession.NameError.nothing(instance) }
    let record = try view.run(named: instance)
    let live = record.waitCause == nil ? nil : LiveQueues(try LiveInstances(view.projections))
    let document = InstanceDocument(record, at: view.moment, among: live)
    let output = StandardOutput()
    switch format {
    case .json: output.write(pretty: document.json)
    case .text:
      var report = InstanceReport(
        document, color.palette, standing: try StandingText(record, in: view))
      output.write(report.text + "\nTimeline:\n")
      try view.reader.forEachEvent(of: record.instance) { output.write(report.line($0)) }
      try printLastLines(of: record, view, to: output)
      try printComparison(of: record, view, to: output)
    }
    output.flush()
  }

  /// Outputs that are larger are compared by `taro diff` alone: this is a quick answer.
  private static let mostCompared: Int64 = 16 << 20

  private func printComparison(
    of record: InstanceRecord, _ view: LedgerSession, to output: StandardOutput
  ) throws {
    guard lines > 0, ComparisonChoice.isFailure(record), record.outputRemovedAt == nil,
      let good = try ComparisonChoice.lastGood(before: record, in: view),
      good.outputRemovedAt == nil,
      good.output.bytes <= Self.mostCompared, record.output.bytes <= Self.mostCompared
    else { return }
    output.write("\nOtherwise than \(good.name), which was good:\n")
    let choice = ComparisonChoice(old: good, new: record)
    var printer = ComparisonPrinter(
      choice, to: output, color.palette, indented: true, limit: lines)
    var isWhole = true
    var request = OutputComparison.Request()
    request.context = 1
    let differs = try OutputComparison(request, in: view).run(good, record) { item in
      isWhole = printer.print(item)
      return isWhole
    }
    if !differs { output.write("  (nothing in what it printed)\n") }
    if !isWhole { output.write("  ... taro diff \(record.instance.text) has it all\n") }
  }

  private func printLastLines(
    of record: InstanceRecord, _ view: LedgerSession, to output: StandardOutput
  ) throws {
    guard lines > 0, record.output.bytes > 0, record.outputRemovedAt == nil else { return }
    let recorded = RecordedOutput(view.reader, record.instance, stream: nil)
    output.write("\nLast lines:\n")
    var text = IndentedLines(output)
    _ = try recorded.forEachPart(from: try recorded.startOfLastLines(lines)) { part in
      switch part {
      case .bytes(let bytes): text.take(bytes)
      case .damaged(let seq): text.note("(damaged in the ledger: event \(seq))")
      case .dropped: text.note("(dropped by retention)")
      case .gap(let gap): text.note("(\(OutputGapText.of(gap)))")
      }
    }
    text.finish()
  }
}
