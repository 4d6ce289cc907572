internal import ArgumentParser
internal import Glibc
internal import Ledger
internal import Linux
internal import Projections
internal import Settings

struct Stop: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "Ask jobs to end.",
    discussion: """
      Each gets SIGTERM, its whole process group, and ends as STOPPED, which is no failure. The request is \
      recorded before it is acted on.

        taro stop backup
        taro stop --force --wait 30s 'backup*'
        taro stop --interrupt backup   the same, but a failure: INTERRUPTED
        taro stop --kill 06rvk3        SIGKILL instead of SIGTERM

      0 asked (and ended, with --wait), 1 nothing matched, 124 not all had ended in time.
      """)

  @Argument(
    help: ArgumentHelp("Instances that match.", valueName: "pattern"), completion: .liveInstances)
  var patterns: [Pattern] = []

  @Flag(help: "Do not ask back.")
  var force = false

  @Flag(help: "Let the run count as interrupted, which is a failure.")
  var interrupt = false

  @Flag(help: "Send SIGKILL, which no job can refuse.")
  var kill = false

  @Option(
    name: .customLong("wait"),
    help: ArgumentHelp("Wait so long for the jobs to end: 30s, 5m.", valueName: "time"))
  var patience: String?

  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func validate() throws {
    guard force, patterns.isEmpty else { return }
    throw ValidationError("--force stops without asking: name what to stop ('*' for everything).")
  }

  func run() throws {
    let patienceMicroseconds = try patienceMicroseconds()
    guard let view = try ledger.view() else { throw nothingMatched }
    let records = try view.projections.live().filter(patterns.matches)
    guard !records.isEmpty else { throw nothingMatched }
    let palette = color.palette
    if !force { try confirm(records, palette) }

    var watch = EventWatch(
      view, after: try view.reader.head().seq, timeout: patienceMicroseconds ?? 0)
    var waiting = try request(records, view, palette)
    guard patience != nil else { return }
    while !waiting.isEmpty {
      guard !watch.isOver else {
        throw Failure(
          "still running after \(patience ?? ""): \(waiting.map(\.name).joined(separator: ", "))",
          code: Failure.timedOutCode)
      }
      for event in try watch.next() {
        let gone = event.droppedInstances
        waiting.removeAll {
          (event.kind.isTerminal && $0.instance == event.instance) || gone.contains($0.instance)
        }
      }
    }
  }

  private var nothingMatched: Failure {
    let names = patterns.map { PrintableText.escaped($0.text) }.joined(separator: " ")
    return Failure(
      names.isEmpty
        ? "nothing is running" : "no instance to stop: \(names); taro ps shows what is running")
  }

  private func confirm(_ records: [InstanceRecord], _ palette: Palette) throws {
    let table = Table.text(
      records, InstanceTable.stoppable, terminalColumns: Terminal.columns(1), palette: palette)
    let output = StandardOutput()
    output.write(table)
    try Confirmation.ask(
      "Do you want to \(verb) \(records.count == 1 ? "it" : "them")?", on: output,
      remedy: "use --force to stop these without asking")
  }

  private var verb: String { kill ? "kill" : interrupt ? "interrupt" : "stop" }

  /// Asks each, and returns those that were still there to be asked.
  private func request(
    _ records: [InstanceRecord], _ view: LedgerView, _ palette: Palette
  ) throws -> [InstanceRecord] {
    let sender = try ControlSender(view)
    let request = ControlRequest(by: .thisProcess(), signal: kill ? "KILL" : "TERM")
    let output = StandardOutput(flushesLines: true)
    var asked: [InstanceRecord] = []
    for record in records {
      let name = palette.paint(
        job: PrintableText.escaped(record.job), instance: record.instance.text)
      guard try sender.send(interrupt ? .interruptRequested : .stopRequested, request, to: record)
      else {
        output.write("\(name) has just ended\n")
        continue
      }
      output.write("\(name) -> \(verb) requested\n")
      asked.append(record)
    }
    return asked
  }

  private func patienceMicroseconds() throws(SettingError) -> Int64? {
    guard let patience else { return nil }
    do throws(SettingError) { return try DurationText.microseconds(patience) } catch {
      throw error.about("--wait")
    }
  }
}
