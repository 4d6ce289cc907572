internal import ArgumentParser
internal import Ledger
internal import Projections

/// Options of the commands that ask something of running jobs.
struct ControlOptions: ParsableArguments {
  @Option(help: "Why, for the record.")
  var reason: String?

  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption
}

/// Which running jobs a request is for.
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
  /// - Parameter refusal: why it would be of no use to ask this one.
  func send(
    _ kind: EventKind, signal: String, verb: String,
    refusal: (InstanceRecord) -> String? = { _ in nil }
  ) throws {
    let names = patterns.map { PrintableText.escaped($0.text) }.joined(separator: " ")
    let view = try options.ledger.view()
    let records = try view?.projections.live().filter(patterns.matches) ?? []
    guard let view, !records.isEmpty else {
      throw Failure("nothing that matches \(names) is running; taro ps shows what is")
    }
    let sender = try ControlSender(view)
    let request = ControlRequest(by: .thisProcess(reason: options.reason), signal: signal)
    let palette = options.color.palette
    let output = StandardOutput(flushesLines: true)
    for record in records {
      let name = palette.paint(
        job: PrintableText.escaped(record.job), instance: record.instance.text)
      let refusal = record.state.group == .executing ? refusal(record) : "is not running yet"
      if let refusal {
        output.write("\(name) \(refusal)\n")
      } else if try sender.send(kind, request, to: record) {
        output.write("\(name) -> \(verb) requested\n")
      } else {
        output.write("\(name) has just ended\n")
      }
    }
  }
}
