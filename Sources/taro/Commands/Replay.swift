internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Glibc
internal import Linux
internal import Operations
internal import Presentation
internal import Projections
internal import Settings

struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Give the output of a run again, with its own timing, on the streams it came on.",
    discussion: """
        taro replay backup                    of its newest run
        taro replay 06rv --speed 10 --max-idle 2s
        taro replay 06rv --from 1h --to 1h10m --events
        taro replay 06rv --no-wait            as fast as it goes

      A live run is replayed as far as it is. On a terminal keys steer it: space pauses, . goes to the end of the next line, \
      + and - make it twice as fast or slow, / looks for a regular expression, n goes to the next line that has it, \
      e to the next line of stderr, the arrows five seconds back and forth, q ends it. Lines of stderr are red there, \
      and nothing that the job printed steers the terminal; elsewhere its bytes are given as they are.

      The exit code is 1 when something of it is damaged, or is dropped by retention while it is read.
      """)

  @Argument(
    help: "A job id (its newest run), a job@instance or the beginning of an instance id.",
    completion: .instances)
  var instance: String

  @Option(
    parsing: .unconditional, help: ArgumentHelp("So many times as fast: 0.5, 10.", valueName: "x"))
  var speed = 1.0

  @Option(
    name: .customLong("max-idle"),
    help: ArgumentHelp("Make no pause longer than this of the run's time.", valueName: "time"))
  var maximumIdle: String?

  @Flag(name: .customLong("no-wait"), help: "As fast as it goes, and without keys.")
  var waitsNever = false

  @Option(
    help: ArgumentHelp(
      "Begin so long after the start of the run, or at that time.", valueName: "time"))
  var from: String?

  @Option(help: ArgumentHelp("End there.", valueName: "time"))
  var to: String?

  @Flag(help: "Changes of state, warnings and requests too, on stderr.")
  var events = false

  @OptionGroup var streams: StreamOptions
  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func validate() throws {
    guard speed >= 0.001, speed <= 1_000_000 else {
      throw ValidationError("--speed \(speed): has to be 0.001 to 1000000.")
    }
  }

  func run() throws {
    let idle = try OptionValue.duration(maximumIdle, "--max-idle")
    guard let session = try ledger.view() else { throw LedgerSession.NameError.nothing(instance) }
    let record = try session.run(named: instance)
    let begin = record.startedAt ?? record.createdAt
    var request = ReplayItems.Request()
    request.stream = streams.only
    request.withEvents = events
    request.from = try from.map { try Self.moment($0, "--from", of: begin) }
    request.to = try to.map { try Self.moment($0, "--to", of: begin) }
    if !waitsNever, KeyTerminal.isHere {
      let loop = try ReplayLoop(
        record, in: session, request, speed: speed, maximumIdle: idle, begin: begin,
        end: request.to ?? record.endedAt ?? record.lastAt, color.palette)
      if let signal = try loop.run() { Self.die(of: signal) }
    } else {
      request.isCoalesced = waitsNever
      var items = try ReplayItems(session.reader, record.instance, request)
      var printer = ReplayPrinter(record, color.palette)
      let pace = ReplayPace(
        speed: speed, maximumIdle: idle,
        start: request.from ?? (events ? record.createdAt : begin))
      try printer.run(&items, waitsNever ? nil : pace)
    }
    RemovedOutput.report(record)
  }

  /// A duration since the start of the run, or a time.
  private static func moment(
    _ text: String, _ option: String, of begin: WallTime
  ) throws(SettingError) -> WallTime {
    if let duration = try? DurationText.microseconds(text) {
      return begin + duration
    }
    return try OptionValue.time(text, option, now: .now) ?? begin
  }

  /// As if it had not been taken in; the terminal is as it was.
  private static func die(of signal: Int32) -> Never {
    Signals.setDefault(signal)
    var set = sigset_t()
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, signal)
    unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
    raise(signal)
    Glibc.exit(128 + signal)
  }
}
