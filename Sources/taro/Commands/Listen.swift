internal import ArgumentParser
internal import Ledger
internal import Linux
internal import Projections
internal import Settings

struct Listen: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "listen",
    abstract: "Print what happens, as it happens.",
    discussion: """
      A line for each change of a state, until Ctrl-C.

        taro listen
        taro listen 'backup*' -f jsonl --since yesterday
        taro listen --all --since 0  everything in the ledger, and then what comes
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, jsonl }

  @Argument(help: ArgumentHelp("Only instances that match.", valueName: "pattern"))
  var patterns: [Pattern] = []

  @Option(name: .shortAndLong, help: "text, or jsonl with every field of the event.")
  var format = Format.text

  @Option(
    help: ArgumentHelp(
      "Begin after this position of the ledger, or at this time, instead of now.",
      valueName: "seq|time"))
  var since: String?

  @Flag(name: .customLong("all"), help: "Every event, not only changes of a state.")
  var isEverything = false

  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func run() throws {
    FollowSignals.endQuietly()
    let view = try ledger.viewMakingLedger()
    var watch = EventWatch(view, after: try start(view.reader))
    let output = StandardOutput()
    let lines = EventLine(format: format == .text ? .text : .jsonl, palette: color.palette)
    while true {
      for event in try watch.next() where isWanted(event) { output.write(lines.line(event)) }
      output.flush()
    }
  }

  private func start(_ reader: LedgerReader) throws -> Int64 {
    guard let since else { return try reader.head().seq }
    if let seq = Int64(since), seq >= 0 { return seq }
    let time: Int64
    do throws(SettingError) {
      time = try TimeText.microseconds(since, now: Clock.wallMicroseconds())
    } catch { throw error.about("--since") }
    return try reader.position(before: time)
  }

  private func isWanted(_ event: Event) -> Bool {
    guard isEverything || event.kind.state != nil else { return false }
    guard let instance = event.instance else { return patterns.isEmpty }
    return patterns.matches(job: event.job ?? "", instance: instance)
  }
}
