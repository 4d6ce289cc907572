internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Ledger
internal import Linux
internal import Maintenance
internal import Operations
internal import Presentation
internal import Projections
internal import Settings

struct LedgerRetain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retain",
    abstract: "Drop what is older, or more, than the configuration wants to keep.",
    discussion: """
      What it says of runs that have ended is in the keys retention.*. Jobs do this by themselves, seldom and in the \
      background; jobs, readers and live tails go on meanwhile. What is live is never dropped.

        taro ledger retain --dry-run
        taro ledger retain --set retention.max_age=30d --set retention.keep_failed=5
      """)

  @Flag(name: .customLong("dry-run"), help: "Say what would be dropped, and drop nothing.")
  var isDryRun = false

  @Flag(help: "Do not ask back when more than half of all runs would be dropped.")
  var force = false

  @Option(name: .shortAndLong, help: "text or json.")
  var format = ReportFormat.text

  /// A flag for taro itself, in the background.
  @Flag(name: .customLong(BackgroundRetention.flag), help: .hidden)
  var isAutomatic = false

  @OptionGroup var ledger: LedgerOption

  func run() throws {
    if isAutomatic { BackgroundRetention.detach() }
    let configuration = try ledger.configuration.load()
    let directory = try ledger.directory(configuration)
    guard let view = try ledger.view(of: directory) else {
      throw LedgerError.missing(path: directory.path)
    }
    let retention = try RetentionRequest(
      configuration.retention, in: view, inBackground: isAutomatic)
    let plan = retention.plan
    let output = StandardOutput()
    if plan.isEmpty, !configuration.retention.isLimited, format == .text {
      output.write("nothing to drop: no key retention.* is set; taro config show --effective\n")
      return output.flush()
    }
    // Retention that began by itself asks nobody, and tells nobody.
    let estimated = isAutomatic ? nil : try retention.estimate()
    if let estimated, !isDryRun, !force { try confirm(estimated, of: plan.ended, on: output) }
    let report = try estimated.flatMap { isDryRun ? $0 : nil } ?? carryOut(retention)
    let document = RetentionDocument(report, directory, ended: plan.ended, isDryRun: isDryRun)
    switch format {
    case .text: for line in RetentionText.lines(document) { output.write("\(line)\n") }
    case .json: output.write(pretty: document.json)
    }
    output.flush()
  }

  private func carryOut(
    _ retention: RetentionRequest
  ) throws(LedgerError) -> RetentionExecution.Report {
    let bar = ProgressBar("dropping")
    defer { bar.clear() }
    let requester = Requester.thisProcess(reason: isAutomatic ? AutomaticRetention.reason : nil)
    var patience = BackgroundRetention.Patience()
    return try retention.carryOut(
      by: requester, progress: bar.show, isTimeOver: { isAutomatic && patience.isOver() })
  }

  private func confirm(
    _ report: RetentionExecution.Report, of ended: Int, on output: StandardOutput
  ) throws {
    let runs = report.lines.reduce(0) { $0 + ($1.what == .events ? $1.counts.instances : 0) }
    guard runs * 2 > ended else { return }
    try Confirmation.ask(
      "Do you want to drop \(runs) of \(CountText.of(Int64(ended), "ended run"))?",
      on: output,
      remedy: "use --force to drop \(runs) of \(CountText.of(Int64(ended), "ended run"))")
  }
}
