internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Ledger
internal import Linux
internal import Presentation
internal import Projections
internal import Settings

struct Disable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disable",
    abstract: "Keep jobs from running.",
    discussion: """
      A job that is disabled is not started: its taro exec records the run as DISABLED and ends with 0. What runs \
      already goes on.

        taro disable backup
        taro disable 'report-*' --until "2026-11-30 06:00" --reason "the tape is full"
        taro disable backup --until 2h
      """)

  @Argument(
    help: ArgumentHelp("Job ids, or globs that match them.", valueName: "pattern"),
    completion: .jobs)
  var patterns: [String]

  @Option(
    help: ArgumentHelp(
      "Until then only: a time to come, or so long from now (2h, tomorrow).", valueName: "time"))
  var until: String?

  @Option(help: ArgumentHelp("Why, for whoever wonders.", valueName: "text"))
  var reason: String?

  @OptionGroup var ledger: LedgerOption

  func validate() throws { try JobPatterns.check(patterns) }

  func run() throws {
    let now = Clock.wallMicroseconds()
    let until = try untilMicroseconds(now: now)
    let writer = try ledger.viewMakingLedger().openWriter()
    let requester = Requester.thisProcess(reason: reason)
    var added: [String] = []
    var present: [String] = []
    // What was found disabled is so until what is missing has been added: one turn.
    try writer.turn(durable: true) { turn throws(LedgerError) in
      let disabled = try DisabledJobs(reader: writer.reader)
      for pattern in JobPatterns.distinct(patterns) {
        if let old = disabled.entry(ofPattern: pattern, at: now),
          old.until == until, reason == nil || reason == old.by.reason
        {
          present.append(pattern)
        } else {
          let wish = JobSwitch(pattern: pattern, until: until, by: requester)
          try turn.append(JobPatterns.event(.jobDisabled, wish))
          added.append(pattern)
        }
      }
    }
    let output = StandardOutput()
    if !added.isEmpty { output.write("Added to disabled jobs: \(JobPatterns.list(added))\n") }
    if !present.isEmpty { output.write("Already disabled: \(JobPatterns.list(present))\n") }
    output.flush()
  }

  private func untilMicroseconds(now: Int64) throws(SettingError) -> Int64? {
    guard let until else { return nil }
    do throws(SettingError) { return try TimeText.future(until, now: now) } catch {
      throw error.about("--until")
    }
  }
}

/// What `disable` and `enable` do with the patterns they are given.
enum JobPatterns {
  static func check(_ patterns: [String]) throws {
    guard !patterns.contains("") else {
      throw ValidationError("A PATTERN is empty: name a job, or a glob that matches its id.")
    }
  }

  /// Each once, in the order in which they were given.
  static func distinct(_ patterns: [String]) -> [String] {
    var seen: Set<String> = []
    return patterns.filter { seen.insert($0).inserted }
  }

  static func list(_ patterns: [String]) -> String {
    patterns.map(PrintableText.escaped).joined(separator: ", ")
  }

  static func event(_ kind: EventKind, _ wish: JobSwitch) -> NewEvent {
    NewEvent(
      at: Clock.wallMicroseconds(), mono: Clock.bootMicroseconds(), job: nil, instance: nil,
      kind: kind, data: wish.json)
  }
}
