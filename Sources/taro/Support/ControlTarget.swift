internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Ledger
internal import Linux
internal import Presentation
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
    let leftBehind = view.map { LeftBehind($0) }
    let orphans = try leftBehind?.records().filter(patterns.matches) ?? []
    guard let view, let leftBehind, !records.isEmpty || !orphans.isEmpty else {
      throw Failure("nothing that matches \(names) is running; taro ps shows what is")
    }
    let request = ControlRequest(by: .thisProcess(reason: options.reason), signal: signal)
    let palette = options.color.palette
    let output = StandardOutput(flushesLines: true)
    var watch = DeliveryWatch(
      view, after: try view.reader.head().seq, timeout: nil, palette, output)
    var asked: [InstanceRecord] = []
    let sender = records.isEmpty ? nil : try ControlSender(view)
    for record in records {
      let name = palette.paint(
        job: PrintableText.escaped(record.job), instance: record.instance.text)
      let refusal = record.state.group == .executing ? refusal(record) : "is not running yet"
      if let refusal {
        output.write("\(name) \(refusal)\n")
      } else if try sender?.send(kind, request, to: record) == true {
        output.write("\(name) -> \(verb) requested\n")
        asked.append(record)
      } else {
        output.write("\(name) has just ended\n")
      }
    }
    for record in orphans {
      let name = palette.paint(
        job: PrintableText.escaped(record.job), instance: record.instance.text)
      switch try leftBehind.send(kind, request, to: record) {
      case .sent: output.write("\(name) -> SIG\(signal) sent, its runner is gone\n")
      case .hasEnded: output.write("\(name) has just ended\n")
      case .refused(let errno): watch.tell(record, errno.message)
      }
    }
    _ = try watch.wait(for: asked.filter(DeliveryWatch.isDoubtful))
    if watch.hasFailed { throw ExitCode(DeliveryWatch.undeliveredCode) }
  }
}
