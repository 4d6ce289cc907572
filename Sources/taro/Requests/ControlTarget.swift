internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Ledger
internal import Linux
internal import Operations
internal import Presentation
internal import Projections

/// Options of the commands that ask something of running jobs.
struct ControlOptions: ParsableArguments {
  @Option(help: "Why, for the record.")
  var reason: String?

  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption
}

/// The arguments that select the running jobs of a request.
struct ControlTarget: ParsableArguments {
  @Argument(
    help: ArgumentHelp("Instances that match.", valueName: "pattern"), completion: .liveInstances)
  var patterns: [Pattern]

  @OptionGroup var options: ControlOptions

  init() {}

  init(patterns: [String], options: ControlOptions) {
    self.patterns = patterns.map { Pattern($0) }
    self.options = options
  }

  /// Asks each running instance that matches.
  /// - Parameter verb: what is told to be asked for.
  func send(_ request: InstanceRequest, verb: String) throws {
    let names = patterns.map { PrintableText.escaped($0.text) }.joined(separator: " ")
    let nothing = Failure("nothing that matches \(names) is running; taro ps shows what is")
    guard let session = try options.ledger.view() else { throw nothing }
    var execution = try RequestExecution(
      session, request, by: .thisProcess(reason: options.reason),
      to: try session.resolved(patterns),
      maintain: LedgerOption.maintain)
    guard !execution.isEmpty else { throw nothing }
    // A slip among the names: nothing is done before all of them are known.
    _ = try session.asked(patterns)
    let report = RequestReport(verb: verb, signal: request.signal, options.color.palette)
    try execution.send(report.write)
    try execution.awaitDelivery(report: report.write, notify: FollowNotice.say)
    try RequestReport.end(execution)
  }
}
