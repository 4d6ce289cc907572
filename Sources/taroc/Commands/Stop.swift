internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Fleet
internal import Linux
internal import Presentation

/// The arguments of what is asked of running jobs.
struct RequestOptions: ParsableArguments {
  @Flag(help: "Do not ask back.")
  var force = false

  @OptionGroup(title: "Hosts") var fleet: FleetOptions
  @OptionGroup var color: ColorOption

  /// Finds what matches, shows it, asks, and makes the request.
  func ask(
    _ request: Asking.Request, _ patterns: [String], reason: String? = nil,
    patience: String? = nil, killAfter: String? = nil
  ) throws {
    var targets = try fleet.targets()
    // A host that waits is not too slow.
    let waits = [
      try OptionValue.duration(patience, "--wait"),
      try OptionValue.duration(killAfter, "--kill-after"),
    ]
    for wait in waits.compactMap({ $0 }) {
      targets.settings.timeout = targets.settings.timeout.map { max($0, 0) + wait }
    }
    let live = try FleetInstances(targets, patterns)
    guard !live.found.isEmpty else {
      try live.report.end()
      let names = patterns.map { PrintableText.escaped($0) }.joined(separator: " ")
      throw Failure(
        names.isEmpty
          ? "nothing is running"
          : "no instance that matches \(names); taroc ps shows what is running"
      )
    }
    let making = FleetRequest(targets: targets, palette: color.palette, isForced: force)
    let them = live.found.count == 1 ? "it" : "them"
    try making.confirm(making.table(live.found), "\(request.verb) \(them)")
    try making.make(askings(request, live.found, reason, patience, killAfter), after: live.report)
  }

  /// One a host; of a signal, which takes one instance, one for each.
  private func askings(
    _ request: Asking.Request, _ found: [(host: Int, document: InstanceDocument)],
    _ reason: String?, _ patience: String?, _ killAfter: String?
  ) -> [(host: Int, asking: Asking)] {
    func asking(_ rows: [(host: Int, document: InstanceDocument)]) -> Asking {
      .request(
        request, rows.map { ($0.document.name, $0.document.instance) }, reason: reason,
        patience: patience, killAfter: killAfter)
    }
    if case .signal = request { return found.map { ($0.host, asking([$0])) } }
    return Dictionary(grouping: found, by: \.host).sorted { $0.key < $1.key }
      .map { ($0.key, asking($0.value)) }
  }
}

struct Stop: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "Ask jobs on the hosts to end.",
    discussion: """
      Shows what would be stopped on which host, and asks once. Each host's record says that the request came by ssh, and \
      from where.

        taroc stop -g web backup
        taroc stop --force --wait 30s -H web1 'backup*'
        taroc stop --kill-after 10s --reason "disk is full" -g web backup

      0 asked (and ended, with --wait), 1 nothing matched or not all hosts have answered, 124 not all had ended in time, 77 a \
      job could not be signalled.
      """)

  @Argument(help: ArgumentHelp("Instances that match.", valueName: "pattern"))
  var patterns: [String] = []

  @Option(help: "Why, for the record.")
  var reason: String?

  @Flag(help: "Let the run count as interrupted, which is a failure.")
  var interrupt = false

  @Flag(help: "Send SIGKILL, which no job can refuse.")
  var kill = false

  @Option(
    name: .customLong("wait"),
    help: ArgumentHelp("Wait so long for the jobs to end: 30s, 5m.", valueName: "time"))
  var patience: String?

  @Option(
    name: .customLong("kill-after"), parsing: .unconditional,
    help: ArgumentHelp(
      "Send SIGKILL to those that have not ended so long after; waits for them.", valueName: "time")
  )
  var killAfter: String?

  @OptionGroup var options: RequestOptions

  func validate() throws {
    if kill, killAfter != nil {
      throw ValidationError("--kill sends SIGKILL at once: --kill-after has no use beside it.")
    }
    if options.force, patterns.isEmpty {
      throw ValidationError(
        "--force stops without asking: name what to stop ('*' for everything).")
    }
    if interrupt, kill { throw ValidationError("--interrupt and --kill exclude each other.") }
  }

  func run() throws {
    let request: Asking.Request = kill ? .kill : interrupt ? .interrupt : .stop
    try options.ask(
      request, patterns, reason: reason, patience: patience, killAfter: killAfter)
  }
}

struct Pause: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause",
    abstract: "Stop running jobs on the hosts for a while (SIGSTOP).",
    discussion: """
        taroc pause -g web backup

      0 asked, 1 nothing matched or not all hosts have answered, 77 a job could not be signalled.
      """)

  @Argument(help: ArgumentHelp("Instances that match.", valueName: "pattern"))
  var patterns: [String]

  @Option(help: "Why, for the record.")
  var reason: String?

  @OptionGroup var options: RequestOptions

  func run() throws { try options.ask(.pause, patterns, reason: reason) }
}

struct Resume: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Let paused jobs on the hosts go on (SIGCONT).",
    discussion: """
        taroc resume -g web backup

      0 asked, 1 nothing matched or not all hosts have answered, 77 a job could not be signalled.
      """)

  @Argument(help: ArgumentHelp("Instances that match.", valueName: "pattern"))
  var patterns: [String]

  @Option(help: "Why, for the record.")
  var reason: String?

  @OptionGroup var options: RequestOptions

  func run() throws { try options.ask(.resume, patterns, reason: reason) }
}

struct SignalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "signal",
    abstract: "Send running jobs on the hosts a signal.",
    discussion: """
        taroc signal -g web nginx HUP

      0 sent on, 1 nothing matched or not all hosts have answered, 77 a job could not be signalled.
      """)

  @Argument(help: ArgumentHelp("Instances that match.", valueName: "pattern"))
  var pattern: String

  @Argument(help: "Its name, with or without SIG, or its number.", completion: .signals)
  var signal: String

  @Option(help: "Why, for the record.")
  var reason: String?

  @OptionGroup var options: RequestOptions

  func run() throws {
    guard let number = Signals.parse(signal) else {
      throw Failure.usage(
        "there is no signal \(PrintableText.escaped(signal)): give a name such as HUP or USR1, or a number"
      )
    }
    try options.ask(.signal(Signals.name(number)), [pattern], reason: reason)
  }
}
