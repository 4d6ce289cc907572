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
internal import Runner

struct Expect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "expect",
    abstract: "Say when a job has to run, to be told when it has not.",
    usage: """
      taro expect <job> [--every <d> | --cron <time>]... [<options>]
      taro expect --from-crontab [<file|user>]...
      taro expect --from-timers
      """,
    discussion: """
      A run that does not begin in time is missed, one that begins later is late; one can be overlong, silent, or \
      begin while another goes on (overlapping). Whoever looks next at the ledger, with any command, records it as an \
      event of the job, once, dated when it was due. taro check tells what is not well now.

        taro expect backup --cron '0 3 * * *' --max-time 2h
        taro expect sync --every 1h --grace 10m
        taro expect report --cron @daily --tz Europe/Berlin
        taro expect --from-crontab
        taro expect --from-crontab /etc/cron.d/backup
        taro expect --from-timers

      --cron takes the five fields of crontab(5), or @daily and its like. Times are the host's, and over a change of \
      the clock they are as cron has them. A later taro expect of a job replaces what was expected of it; taro unexpect \
      takes it back.

      --from-crontab reads crontabs, the caller's own (and for root those of the system) or those that are named, and \
      --from-timers asks systemctl. Both show what they would expect of the jobs that are started by taro exec there, \
      and ask before they record it.
      """)

  @Argument(
    help: ArgumentHelp(
      "The job's id; with --from-crontab files, or users whose crontabs are meant.",
      valueName: "job"),
    completion: .jobs)
  var names: [String] = []

  @Option(
    help: ArgumentHelp(
      "A run begins so long after the one before it, at the latest.", valueName: "d"))
  var every: String?

  @Option(
    help: ArgumentHelp(
      "A run begins at these times: five fields, or @daily; may be repeated.", valueName: "time"))
  var cron: [String] = []

  @Option(
    help: ArgumentHelp(
      "The same as systemd.time(7) has it: 'Mon..Fri 03:00'; may be repeated.", valueName: "time"))
  var calendar: [String] = []

  @Option(
    help: ArgumentHelp(
      "The time zone that times are in, Europe/Berlin; without, the host's own.", valueName: "zone")
  )
  var tz: String?

  @Option(
    help: ArgumentHelp(
      "A run may begin so long after it was due; 5m without.", valueName: "d"))
  var grace: String?

  @Option(
    name: .customLong("max-time"),
    help: ArgumentHelp("A run goes on no longer than this.", valueName: "d"))
  var maxTime: String?

  @Option(
    name: .customLong("max-silence"),
    help: ArgumentHelp("A live run is heard of again within this time.", valueName: "d"))
  var maxSilence: String?

  @Flag(name: .customLong("may-overlap"), help: "Two runs at once are as they should be.")
  var mayOverlap = false

  @Option(
    help: ArgumentHelp("Nothing is expected before then: a time to come.", valueName: "time"))
  var after: String?

  @Flag(
    name: .customLong("from-crontab"), help: "Read crontabs: the named ones, or all that count.")
  var readsCrontabs = false

  @Flag(
    name: .customLong("with-users"),
    help: "The files that are named have a user before each command, as /etc/crontab has.")
  var hasUsers = false

  @Flag(name: .customLong("from-timers"), help: "Ask systemctl for timers; not root: one's own.")
  var readsTimers = false

  @Flag(help: "Expect what was found without a question.")
  var force = false

  @Option(help: ArgumentHelp("Why, for whoever wonders.", valueName: "text"))
  var reason: String?

  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func validate() throws {
    guard !readsCrontabs || !readsTimers else {
      throw ValidationError("--from-crontab and --from-timers exclude each other.")
    }
    let isSaid =
      every != nil || !cron.isEmpty || !calendar.isEmpty || tz != nil || after != nil
      || maxTime != nil || maxSilence != nil || mayOverlap
    if readsCrontabs || readsTimers {
      guard !isSaid else {
        throw ValidationError(
          "--from-crontab and --from-timers say the times themselves; --grace alone goes with them."
        )
      }
      guard readsCrontabs || names.isEmpty else {
        throw ValidationError("--from-timers takes no names: it asks for all timers.")
      }
      return
    }
    guard names.count == 1, let job = names.first else {
      throw ValidationError(
        names.isEmpty
          ? "Missing JOB: of which job is something expected?"
          : "One JOB at a time: each has times of its own.")
    }
    guard !job.isEmpty else { throw ValidationError("JOB is empty: name a job.") }
    guard job.utf8.count <= JobID.longest else {
      throw ValidationError(
        "JOB has \(job.utf8.count) bytes, and an id has at most \(JobID.longest).")
    }
    guard every != nil || !cron.isEmpty || !calendar.isEmpty || maxTime != nil || maxSilence != nil
    else {
      throw ValidationError(
        "What is expected of \(PrintableText.escaped(job))? Give --cron, --every, --max-time or --max-silence."
      )
    }
    guard every == nil || cron.isEmpty && calendar.isEmpty else {
      throw ValidationError("--every and --cron exclude each other.")
    }
    guard tz == nil || !cron.isEmpty || !calendar.isEmpty else {
      throw ValidationError("--tz is the zone of --cron or --calendar, of which there is none.")
    }
  }

  func run() throws {
    if readsCrontabs || readsTimers {
      let directory = try ledger.directory().path
      return try take(
        readsCrontabs
          ? CrontabSources(names, hasUsers: hasUsers, ledger: directory).found
          : TimerSources(isOfUser: getuid() != 0, ledger: directory).found)
    }
    let job = names.first ?? ""
    try expect([(job, try expectation())], on: StandardOutput())
  }

  private func expectation() throws -> JobExpectation {
    let now = WallTime.now
    var due: JobExpectation.Due?
    var next: WallTime?
    if let period = try duration(every, "--every") {
      due = .every(period)
    } else if !cron.isEmpty || !calendar.isEmpty {
      due = .times(cron: cron, calendar: calendar)
      do throws(DueTimes.Refusal) {
        next = try DueTimes(cron: cron, calendar: calendar, zone: tz).next(after: now)
      } catch { throw Failure.usage(error.description) }
      guard next != nil else {
        throw Failure.usage("\((cron + calendar).joined(separator: "; ")): that never comes again")
      }
    }
    var expectation = JobExpectation(
      due, grace: try OptionValue.duration(grace, "--grace") ?? JobExpectation.standardGrace,
      by: .thisProcess(reason: reason))
    expectation.zone = tz
    expectation.maxTime = try duration(maxTime, "--max-time")
    expectation.maxSilence = try duration(maxSilence, "--max-silence")
    expectation.mayOverlap = mayOverlap
    expectation.after = try OptionValue.future(after, "--after", now: now)
    return expectation
  }

  /// One that something can be shorter than.
  private func duration(_ text: String?, _ option: String) throws -> Int64? {
    guard let value = try OptionValue.duration(text, option) else { return nil }
    guard value > 0 else {
      throw Failure.usage("\(option) \(text ?? ""): has to be more than nothing")
    }
    return value
  }

  /// Shows what was found, asks, and expects it.
  private func take(_ found: FoundExpectations) throws {
    let output = StandardOutput()
    let grace = try OptionValue.duration(grace, "--grace")
    let now = WallTime.now
    let wishes = found.found.map { found in
      var expectation = found.expectation
      if let grace { expectation.grace = grace }
      return (job: found.job, expectation: expectation)
    }
    if !wishes.isEmpty {
      let rows = wishes.map { wish in
        ExpectedJobs.Entry(job: wish.job, expectation: wish.expectation, seq: .start, at: now)
          .document(lastRun: nil, now: now)
      }
      output.write(
        Table.text(
          rows, ExpectationText.columns, terminalColumns: Terminal.columns(1),
          palette: color.palette))
    }
    for left in found.leftOut {
      output.write("Left out: \(PrintableText.escaped("\(left.source): \(left.reason)"))\n")
    }
    if found.others > 0 {
      let what = readsTimers ? "timer" : "line"
      output.write(
        "\(found.others) \(what)\(found.others == 1 ? " starts" : "s start") no job by taro exec.\n"
      )
    }
    guard !wishes.isEmpty else {
      output.flush()
      throw Failure("nothing to expect: no job is started by taro exec there")
    }
    if !force {
      try Confirmation.ask(
        "Expect \(wishes.count == 1 ? "this" : "these \(wishes.count)")?", on: output,
        remedy: "use --force to expect what was found")
    }
    try expect(wishes, on: output)
  }

  private func expect(
    _ wishes: [(job: String, expectation: JobExpectation)], on output: StandardOutput
  ) throws {
    let session = try ledger.viewMakingLedger()
    let now = WallTime.now
    let expected = try JobExpecting(session, by: .thisProcess(reason: reason)).expect(wishes)
    func text(_ entry: ExpectedJobs.Entry) throws -> String {
      let lastRun = try session.projections.newestRun(ofJob: entry.job)?.createdAt
      let document = entry.document(lastRun: lastRun, now: now)
      let next = document.nextDue.map { ", next due \(TimeFormat.local($0))" } ?? ""
      return PrintableText.escaped("\(entry.job): \(ExpectationText.whole(document))\(next)")
    }
    for entry in expected.added { output.write("Expected of \(try text(entry))\n") }
    for entry in expected.present { output.write("Already expected of \(try text(entry))\n") }
    output.flush()
  }
}
