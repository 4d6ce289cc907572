internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Linux
internal import Operations
internal import Presentation
internal import Projections
internal import Settings

struct TimelineCommand: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, svg, json
  }

  static let configuration = CommandConfiguration(
    commandName: "timeline",
    abstract: "Show who ran when, beside each other.",
    discussion: """
        taro timeline                        the last 24 hours
        taro timeline 'backup*' import -S "7d ago"
        taro timeline -S 14:00 -U 15:00
        taro timeline -f svg > night.svg     a picture for a browser

      One line a job, as wide as the terminal: waiting is light, running dark, a failure X and red; a digit says how many \
      ran at once. The picture has a row for each of those, marks for warnings, and the facts of each run when the mouse \
      is on it.
      """)

  @Argument(help: ArgumentHelp("Only instances that match.", valueName: "pattern"))
  var patterns: [Pattern] = []

  @Option(
    name: [.customShort("S"), .long],
    help: ArgumentHelp("From then on; 24h ago by default.", valueName: "time"))
  var since: String?

  @Option(
    name: [.customShort("U"), .long],
    help: ArgumentHelp("Until then; now by default.", valueName: "time"))
  var until: String?

  @Option(name: .shortAndLong, help: "text, svg or json.")
  var format = Format.text

  @OptionGroup var asOf: MomentOption
  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  private static let day: Int64 = 86_400_000_000

  func run() throws {
    let session = try asOf.view(ledger)
    try ledger.refuseMissing(session)
    let now = (session?.moment ?? .now).wall
    let end = try OptionValue.time(until, "--until", now: now) ?? now
    let start =
      try OptionValue.time(since, "--since", now: now) ?? end - Self.day
    guard start < end else {
      throw Failure.usage("--since has to be before --until: nothing is between them")
    }
    let query = InstanceQuery(.all, try session?.asked(patterns) ?? patterns)
    let timeline = session.map { Timeline($0) }
    let output = StandardOutput()
    switch format {
    case .json: try writeJSON(timeline, query, start..<end, to: output)
    case .svg: try writeSVG(timeline, query, start..<end, now: now, to: output)
    case .text: try writeText(timeline, query, start..<end, now: now, to: output)
    }
    output.flush()
  }

  /// Microseconds by which local time is ahead of UTC.
  private static func offset(at time: WallTime) -> Int64 {
    Int64(CivilMoment(local: time).offset) * 1_000_000
  }

  private func writeJSON(
    _ timeline: Timeline?, _ query: InstanceQuery, _ time: Range<WallTime>,
    to output: StandardOutput
  ) throws {
    let (since, until) = (Timestamp.rfc3339(time.lowerBound), Timestamp.rfc3339(time.upperBound))
    output.write("{\"since\":\"\(since)\",\"until\":\"\(until)\",\"runs\":[")
    var isFirst = true
    try timeline?.forEach(query, in: time) { run in
      output.write(isFirst ? "\n" : ",\n")
      output.write(PrintableText(verbatim: run.json.text))
      isFirst = false
      return true
    }
    output.write(isFirst ? "]}\n" : "\n]}\n")
  }

  /// Twice through the same: how high the picture is stands at its beginning.
  private func writeSVG(
    _ timeline: Timeline?, _ query: InstanceQuery, _ time: Range<WallTime>, now: WallTime,
    to output: StandardOutput
  ) throws {
    var picture = TimelineSVG(time, now: now)
    var rows: [(job: String, rows: TimelineSVG.Rows)] = []
    func place(_ run: TimelineDocument, _ rows: inout [(job: String, rows: TimelineSVG.Rows)])
      -> Int
    {
      if rows.last?.job != run.job { rows.append((run.job, TimelineSVG.Rows())) }
      return rows[rows.count - 1].rows.place(from: run.createdAt, to: picture.end(of: run))
    }
    try timeline?.forEach(query, in: time) { run in
      _ = place(run, &rows)
      return true
    }
    output.write(
      picture.beginning(rows: rows.map(\.rows.count), offset: Self.offset(at: time.lowerBound))
    )
    let heights = Dictionary(rows.map { ($0.job, $0.rows.count) }) { one, _ in one }
    var drawn: [(job: String, rows: TimelineSVG.Rows)] = []
    try timeline?.forEach(query, in: time) { run in
      // What has come meanwhile has no place.
      guard let height = heights[run.job] else { return true }
      if drawn.last?.job != run.job { output.write(picture.lane(run.job, rows: height)) }
      let row = min(place(run, &drawn), height - 1)
      output.write(picture.run(run, row: row, of: height))
      return true
    }
    output.write(TimelineSVG.ending)
  }

  private func writeText(
    _ timeline: Timeline?, _ query: InstanceQuery, _ time: Range<WallTime>, now: WallTime,
    to output: StandardOutput
  ) throws {
    let isUTF8 = Locale.isUTF8(environment: ProcessEnvironment.value)
    let page = TimelinePage(
      time, columns: Terminal.columns(1) ?? 120, color.palette, isUTF8: isUTF8,
      offset: Self.offset(at: time.lowerBound))
    output.write(page.ruler)
    var lane: TimelineLane?
    try timeline?.forEach(query, in: time) { run in
      if lane?.job != run.job {
        if let lane { output.write(page.line(lane)) }
        lane = TimelineLane(run.job, page.scale, now: now)
      }
      lane?.add(run)
      return true
    }
    if let lane { output.write(page.line(lane)) }
  }
}
