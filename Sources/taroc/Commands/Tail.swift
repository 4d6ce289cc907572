internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Fleet

struct Tail: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail",
    abstract: "Print the last lines of what jobs have printed on each host.",
    discussion: """
        taroc tail -g web backup
        taroc tail -f -H web1 -H web2 nginx

      Each line stands behind its host. Of one host alone a pipe gets the bytes as they are; a terminal never gets a control \
      character. A connection that breaks with -f is taken up again with what is printed then: what was printed meanwhile \
      taroc output has.
      """)

  @Argument(help: ArgumentHelp("Only instances that match.", valueName: "pattern"))
  var patterns: [String] = []

  @Option(
    name: [.customShort("n", allowingJoined: true), .customLong("lines")], parsing: .unconditional,
    help: ArgumentHelp("So many lines of each.", valueName: "n"))
  var lines = 10

  @Flag(name: .shortAndLong, help: "Go on as more is printed.")
  var follow = false

  @Flag(help: "Print the time of each line before it.")
  var timestamps = false

  @OptionGroup var streams: StreamOptions
  @OptionGroup var moment: FleetMoment
  @OptionGroup(title: "Hosts") var fleet: FleetOptions
  @OptionGroup var color: ColorOption

  func validate() throws {
    if lines < 0 { throw ValidationError("-n \(lines): has to be 0 or more.") }
    if follow, moment.text != nil {
      throw ValidationError(
        "-f goes on with what comes, and --as-of ends before it: give one of both.")
    }
  }

  func run() throws {
    if follow { FollowSignals.endQuietly() }
    let targets = try fleet.targets()
    let printer = HostPrinter(targets.hosts, color.palette)
    if follow {
      try tailOn(targets, printer)
    } else {
      let asking = try moment.of(
        .tail(
          patterns, lines: lines, stream: streams.only, timestamps: timestamps, follows: false))
      try Printing(targets, printer).run { _ in asking }
    }
  }

  private func tailOn(_ targets: FleetOptions.Targets, _ printer: HostPrinter) throws {
    let following = Following(targets)
    var hasBegun: Set<Int> = []
    let fan = following.fan { host in
      .tail(
        patterns, lines: hasBegun.contains(host) ? 0 : lines, stream: streams.only,
        timestamps: timestamps, follows: true)
    }
    fan.woken = { printer.output.flush() }
    // It ends by itself when all that were named have ended, or 1 when there is nothing.
    try following.run(fan, isDone: { $0 == 0 || $0 == 1 }) { host, happening in
      switch happening {
      case .begun: hasBegun.insert(host)
      case .bytes(let stream, let bytes): printer.write(bytes, of: host, stream)
      case .ended: printer.finish(host)
      case .line: break
      }
    }
    printer.output.flush()
    try following.report.end()
  }
}

/// Prints what hosts say to a question, and ends as they have: with 1 where none had anything.
struct Printing {
  private let targets: FleetOptions.Targets
  private let printer: HostPrinter

  init(_ targets: FleetOptions.Targets, _ printer: HostPrinter) {
    self.targets = targets
    self.printer = printer
  }

  func run(_ asking: @escaping (Int) -> Asking) throws {
    let report = FleetReport(targets.hosts)
    let fan = FanOut(targets.hosts, targets.settings, asking: asking)
    var found = false
    try fan.run { host, happening in
      switch happening {
      case .bytes(let stream, let bytes): printer.write(bytes, of: host, stream)
      case .ended(let outcome, let errors, let more):
        printer.finish(host)
        report.take(host, outcome, errors: errors, more: more)
        if outcome == .answered(exitCode: 0) { found = true }
      case .begun, .line: break
      }
    }
    printer.output.flush()
    try report.end()
    guard found else { throw ExitCode(1) }
  }
}
