internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Glibc
internal import Ledger
internal import Linux
internal import Operations
internal import Presentation
internal import Projections

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
        taro stop --kill-after 10s backup   SIGKILL, where it has not ended by then

      It asks back, unless an instance is named. Instead of SIGTERM a job gets the signal that its exec --stop-signal names.

      What a lost run has left behind and still runs is signalled by this command itself.

      0 asked (and ended, with --wait), 1 nothing matched, 124 not all had ended in time, 77 a job could not be \
      signalled: not delivered.
      """)

  @Argument(
    help: ArgumentHelp("Instances that match.", valueName: "pattern"), completion: .liveInstances)
  var patterns: [Pattern] = []

  @Option(help: "Why, for the record.")
  var reason: String?

  @Flag(help: "Do not ask back.")
  var force = false

  @Flag(help: "Let the run count as interrupted, which is a failure.")
  var interrupt = false

  @Flag(help: "Send SIGKILL, which no job can refuse.")
  var kill = false

  @Option(
    name: .customLong("wait"), parsing: .unconditional,
    help: ArgumentHelp("Wait so long for the jobs to end: 30s, 5m.", valueName: "time"))
  var patience: String?

  @Option(
    name: .customLong("kill-after"), parsing: .unconditional,
    help: ArgumentHelp(
      "Send SIGKILL to those that have not ended so long after; waits for them.", valueName: "time")
  )
  var killAfter: String?

  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func validate() throws {
    if kill, killAfter != nil {
      throw ValidationError("--kill sends SIGKILL at once: --kill-after has no use beside it.")
    }
    guard force, patterns.isEmpty else { return }
    throw ValidationError("--force stops without asking: name what to stop ('*' for everything).")
  }

  func run() throws {
    let patienceMicroseconds = try OptionValue.duration(patience, "--wait")
    let killAfterMicroseconds = try OptionValue.duration(killAfter, "--kill-after")
    guard let session = try ledger.view() else { throw nothingMatched }
    let patterns = try session.resolved(patterns)
    let request = request
    var execution = try RequestExecution(
      session, request, by: .thisProcess(reason: reason), to: patterns,
      maintain: LedgerOption.maintain)
    guard !execution.isEmpty else { throw nothingMatched }
    // A slip among the names: nothing is done before all of them are known.
    _ = try session.asked(patterns)
    let palette = color.palette
    let records = execution.live + execution.leftBehind
    if !force, !Self.areNamed(records, patterns) { try confirm(records, palette) }

    let report = RequestReport(verb: verb, signal: request.signal, palette)
    try execution.send(report.write)
    if let killAfterMicroseconds {
      let late = try execution.awaitEnd(
        timeout: killAfterMicroseconds, report: report.write, notify: FollowNotice.say)
      if !late.isEmpty { return try killNow(late, in: session, patienceMicroseconds, palette) }
    } else if let patienceMicroseconds {
      let late = try execution.awaitEnd(
        timeout: patienceMicroseconds, report: report.write, notify: FollowNotice.say)
      guard late.isEmpty else {
        throw Failure(
          "still running after \(patience ?? ""): \(Self.names(late)); taro stop --kill ends them",
          code: Failure.timedOutCode)
      }
    } else {
      try execution.awaitDelivery(report: report.write, notify: FollowNotice.say)
    }
    try RequestReport.end(execution)
  }

  /// The time that the kernel gets to end what was killed, where no other is named.
  private static let deathMicroseconds: Int64 = 10_000_000

  /// Ends by force those that have not ended at a word.
  private func killNow(
    _ records: [InstanceRecord], in session: LedgerSession, _ patience: Int64?, _ palette: Palette
  ) throws {
    let request: InstanceRequest =
      interrupt ? .interrupt(signal: "KILL") : .stop(signal: "KILL")
    let why = [reason, "no end \(killAfter ?? "") after it was asked to"].compactMap { $0 }
    var execution = try RequestExecution(
      session, request, by: .thisProcess(reason: why.joined(separator: "; ")),
      to: records.map { Pattern($0.instance.text) }, maintain: LedgerOption.maintain)
    let report = RequestReport(verb: "kill", signal: request.signal, palette)
    try execution.send(report.write)
    let late = try execution.awaitEnd(
      timeout: patience ?? Self.deathMicroseconds, report: report.write, notify: FollowNotice.say)
    guard late.isEmpty else {
      throw Failure("still there after SIGKILL: \(Self.names(late))", code: Failure.timedOutCode)
    }
    try RequestReport.end(execution)
  }

  private static func names(_ records: [InstanceRecord]) -> String {
    records.map { PrintableText.escaped($0.name) }.joined(separator: ", ")
  }

  /// True where each pattern names an instance: whoever writes that knows what he stops.
  private static func areNamed(_ records: [InstanceRecord], _ patterns: [Pattern]) -> Bool {
    !patterns.isEmpty
      && patterns.allSatisfy { pattern in
        records.contains { pattern.namesInstance(job: $0.job, instance: $0.instance) }
      }
  }

  private var nothingMatched: Failure {
    let names = patterns.map { PrintableText.escaped($0.text) }.joined(separator: " ")
    return Failure(
      names.isEmpty
        ? "nothing is running" : "no instance to stop: \(names); taro ps shows what is running")
  }

  private func confirm(_ records: [InstanceRecord], _ palette: Palette) throws {
    let bootNow = BootTime.now
    let table = Table.text(
      records.map { InstanceDocument($0, bootNow: bootNow) }, InstanceTable.stoppable(now: .now),
      terminalColumns: Terminal.columns(1), palette: palette)
    let output = StandardOutput()
    output.write(table)
    try Confirmation.ask(
      "Do you want to \(verb) \(records.count == 1 ? "it" : "them")?", on: output,
      remedy: "use --force to stop these without asking")
  }

  private var verb: String { kill ? "kill" : interrupt ? "interrupt" : "stop" }

  private var request: InstanceRequest {
    let signal = kill ? "KILL" : "TERM"
    return interrupt ? .interrupt(signal: signal) : .stop(signal: signal)
  }
}
