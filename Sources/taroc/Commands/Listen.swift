internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Fleet
internal import Presentation
internal import Settings

struct Listen: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "listen",
    abstract: "Print what happens on each host, as it happens.",
    discussion: """
      A line for each change of a state, until Ctrl-C, in the order of their times: each is held for 300 ms, so that those \
      of other hosts find their place.

        taroc listen -g web
        taroc listen 'backup*' -f jsonl --since yesterday

      A connection that breaks is taken up again, from the last event of that host on: nothing is missed, and nothing comes \
      twice. Ended by SIGINT or SIGTERM the exit code is 0.
      """)

  @Argument(help: ArgumentHelp("Only instances that match.", valueName: "pattern"))
  var patterns: [String] = []

  @Option(name: .shortAndLong, help: "text, or jsonl with every field of the event.")
  var format = EventFormat.text

  @Option(help: ArgumentHelp("Begin at this time, instead of now.", valueName: "time"))
  var since: String?

  @Flag(name: .customLong("all-events"), help: "Every event, not only changes of a state.")
  var isEverything = false

  @OptionGroup(title: "Hosts") var fleet: FleetOptions
  @OptionGroup var color: ColorOption

  /// Microseconds that an event waits for those of other hosts.
  private static let bound: Int64 = 300_000

  func run() throws {
    FollowSignals.endQuietly()
    let start = try since.map { try Self.start($0) }
    let targets = try fleet.targets()
    let printer = HostPrinter(targets.hosts, color.palette, alwaysNames: true)
    let lines = EventLine(format: .text, palette: color.palette)
    var merge = TimeMerge<(Int, EventDocument)>(
      bound: targets.hosts.count == 1 ? 0 : Self.bound)
    let following = Following(targets)
    var last: [Int: Seq] = [:]
    let fan = following.fan { host in
      .events(patterns, isEverything: isEverything, after: last[host].map { "\($0)" } ?? start)
    }
    func print(_ events: [(Int, EventDocument)]) {
      for (host, event) in events {
        switch format {
        case .text: printer.write(lines.text(event), of: host)
        case .jsonl:
          printer.output.write(json: Hosted(targets.hosts[host].name, event.json).json)
        }
      }
      printer.output.flush()
    }
    fan.wakeAt = { merge.due }
    fan.woken = { print(merge.take(now: .now)) }
    try following.run(fan) { host, happening in
      switch happening {
      case .begun(_, let found):
        guard let head = Int64(found).map({ Seq($0) }) else { return }
        if let seen = last[host], head < seen {
          // The positions of another ledger say nothing of this one.
          last[host] = .start
          throw HostFailure(.answer, "its ledger is another one now: beginning with that")
        }
        if start == nil, last[host] == nil { last[host] = head }
      case .line(let line):
        let event = try AnswerDocument.read(line, EventDocument.init)
        guard let seq = event.seq else { return }
        if let seen = last[host], seq <= seen { return }
        last[host] = seq
        merge.add((host, event), at: event.at, from: host, now: .now)
      case .bytes, .ended: break
      }
    }
    print(merge.takeAll())
    try following.report.end()
  }

  /// A time as every host understands it, whatever its zone.
  private static func start(_ text: String) throws(SettingError) -> String {
    let time = try OptionValue.time(text, "--since", now: .now)
    return Timestamp.rfc3339(time ?? .epoch)
  }
}
