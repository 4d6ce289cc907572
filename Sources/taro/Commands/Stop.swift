internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Glibc
internal import Ledger
internal import Linux
internal import Presentation
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
        taro stop --kill 06rvk3        SIGKILL instead of SIGTERM, to every process of it

      What a lost run has left behind and still runs is signalled by this command itself.

      0 asked (and ended, with --wait), 1 nothing matched, 124 not all had ended in time, 77 a job could not be \
      signalled: not delivered.
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
    let live = try view.projections.live().filter(patterns.matches)
    let leftBehind = LeftBehind(view)
    let orphans = try leftBehind.records().filter(patterns.matches)
    guard !live.isEmpty || !orphans.isEmpty else { throw nothingMatched }
    let palette = color.palette
    if !force { try confirm(live + orphans, palette) }

    let output = StandardOutput(flushesLines: true)
    let until = Clock.bootMicroseconds() + min(patienceMicroseconds ?? 0, 1 << 60)
    var watch = DeliveryWatch(
      view, after: try view.reader.head().seq, timeout: patienceMicroseconds, palette, output)
    let request = ControlRequest(by: .thisProcess(), signal: kill ? "KILL" : "TERM")
    let asked = try ask(live, request, view, palette, output)
    let signalled = try signal(orphans, request, leftBehind, palette, output, &watch)
    if patience == nil {
      _ = try watch.wait(for: asked.filter(DeliveryWatch.isDoubtful))
    } else {
      let late = try watch.wait(for: asked) + LeftBehind.wait(for: signalled, until: until)
      guard late.isEmpty else {
        throw Failure(
          "still running after \(patience ?? ""): \(late.map(\.name).joined(separator: ", "))",
          code: Failure.timedOutCode)
      }
    }
    if watch.hasFailed { throw ExitCode(DeliveryWatch.undeliveredCode) }
  }

  private var nothingMatched: Failure {
    let names = patterns.map { PrintableText.escaped($0.text) }.joined(separator: " ")
    return Failure(
      names.isEmpty
        ? "nothing is running" : "no instance to stop: \(names); taro ps shows what is running")
  }

  private func confirm(_ records: [InstanceRecord], _ palette: Palette) throws {
    let bootNow = Clock.bootMicroseconds()
    let table = Table.text(
      records.map { InstanceDocument($0, bootNow: bootNow) }, InstanceTable.stoppable,
      terminalColumns: Terminal.columns(1), palette: palette)
    let output = StandardOutput()
    output.write(table)
    try Confirmation.ask(
      "Do you want to \(verb) \(records.count == 1 ? "it" : "them")?", on: output,
      remedy: "use --force to stop these without asking")
  }

  private var verb: String { kill ? "kill" : interrupt ? "interrupt" : "stop" }

  private var kind: EventKind { interrupt ? .interruptRequested : .stopRequested }

  /// Asks the runner of each, and returns those that were still there to be asked.
  private func ask(
    _ records: [InstanceRecord], _ request: ControlRequest, _ view: LedgerView,
    _ palette: Palette, _ output: StandardOutput
  ) throws -> [InstanceRecord] {
    guard !records.isEmpty else { return [] }
    let sender = try ControlSender(view)
    return try records.filter { record in
      let isThere = try sender.send(kind, request, to: record)
      let name = palette.paint(
        job: PrintableText.escaped(record.job), instance: record.instance.text)
      output.write("\(name) \(isThere ? "-> \(verb) requested" : "has just ended")\n")
      return isThere
    }
  }

  /// Signals what lost runs have left behind, and returns what was still there.
  private func signal(
    _ records: [InstanceRecord], _ request: ControlRequest, _ leftBehind: LeftBehind,
    _ palette: Palette, _ output: StandardOutput, _ watch: inout DeliveryWatch
  ) throws -> [InstanceRecord] {
    var signalled: [InstanceRecord] = []
    for record in records {
      let name = palette.paint(
        job: PrintableText.escaped(record.job), instance: record.instance.text)
      switch try leftBehind.send(kind, request, to: record) {
      case .sent:
        output.write("\(name) -> SIG\(request.signal) sent, its runner is gone\n")
        signalled.append(record)
      case .hasEnded: output.write("\(name) has just ended\n")
      case .refused(let errno): watch.tell(record, errno.message)
      }
    }
    return signalled
  }

  private func patienceMicroseconds() throws(SettingError) -> Int64? {
    guard let patience else { return nil }
    do throws(SettingError) { return try DurationText.microseconds(patience) } catch {
      throw error.about("--wait")
    }
  }
}
