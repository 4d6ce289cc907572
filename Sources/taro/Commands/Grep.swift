internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Linux
internal import Matching
internal import Operations
internal import Presentation
internal import Projections
internal import Settings

struct Grep: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grep",
    abstract: "Search what all runs have printed.",
    discussion: """
        taro grep 'no space left'
        taro grep -i timeout 'backup*' -S "2d ago" --failed
        taro grep -C 3 --stderr error backup
        taro grep -c 'row [0-9]+' import
        taro grep -o 'id=\\w+' -f jsonl

      REGEX is a regular expression as in Perl (pcre2pattern(3)), and is looked for in each line by itself. Runs are \
      searched in the order in which they were created, live ones as far as they are; a line stands where it ended, with \
      the time at which it began.

      On a terminal runs have a heading, and what would steer it is shown as an escape; elsewhere each line has \
      job@instance, time and stream before it, and then its bytes as they are. Of a line of more than 1 MiB the piece \
      is shown that has it. An expression that takes too long in a line is given up for that line.

      0 found, 1 not found, 2 something could not be searched: damaged, or given up; stderr says where.
      """)

  @Argument(help: ArgumentHelp("What is looked for.", valueName: "regex"))
  var expression: String

  @Argument(help: ArgumentHelp("Only in instances that match.", valueName: "pattern"))
  var patterns: [Pattern] = []

  @Flag(
    name: [.customShort("i"), .customLong("ignore-case")], help: "Small letters are as capitals.")
  var ignoresCase = false

  @Flag(
    name: [.customShort("F"), .customLong("fixed-strings")],
    help: "REGEX is a text, and looked for as it is.")
  var isLiteral = false

  @Flag(name: [.customShort("v"), .customLong("invert-match")], help: "Lines that have it not.")
  var isInverted = false

  @Flag(name: .shortAndLong, help: "Only how many lines of each run.")
  var count = false

  @Flag(name: [.customShort("l"), .customLong("list")], help: "Only which runs have such a line.")
  var listsRuns = false

  @Flag(
    name: [.customShort("o"), .customLong("only-matching")],
    help: "Only what matches, each on a line of its own.")
  var showsMatchesOnly = false

  @Option(
    name: [.customShort("m", allowingJoined: true), .customLong("max-count")],
    help: ArgumentHelp("So many lines of each run at most.", valueName: "n"))
  var maximum: Int?

  @Option(
    name: [.customShort("A", allowingJoined: true), .customLong("after-context")],
    help: ArgumentHelp("And so many lines after each.", valueName: "n"))
  var after: Int?

  @Option(
    name: [.customShort("B", allowingJoined: true), .customLong("before-context")],
    help: ArgumentHelp("And so many lines before each.", valueName: "n"))
  var before: Int?

  @Option(
    name: [.customShort("C", allowingJoined: true), .customLong("context")],
    help: ArgumentHelp("And so many lines before and after each.", valueName: "n"))
  var around: Int?

  @OptionGroup var streams: StreamOptions
  @OptionGroup var history: HistoryOptions

  @Option(name: .shortAndLong, help: "text or jsonl.")
  var format = EventFormat.text

  @OptionGroup var ledger: LongLedgerOption
  @OptionGroup var color: ColorOption

  func validate() throws {
    for (option, value) in [("-A", after), ("-B", before), ("-C", around)] {
      if let value, !(0...Self.mostContext).contains(value) {
        throw ValidationError("\(option) \(value): has to be 0 to \(Self.mostContext).")
      }
    }
    if let maximum, maximum < 1 { throw ValidationError("-m \(maximum): has to be 1 or more.") }
    if [count, listsRuns, showsMatchesOnly].count(where: { $0 }) > 1 {
      throw ValidationError("-c, -l and -o exclude each other: give one.")
    }
    if isInverted, showsMatchesOnly {
      throw ValidationError("-v and -o exclude each other: in such lines nothing matches.")
    }
  }

  private static let mostContext = 10_000

  func run() throws {
    let request = try request()
    var query = try InstanceQuery(patterns, history.filter(now: .now))
    query.include = .all
    guard let session = try ledger.option.view() else { throw ExitCode(1) }
    let printer = HitPrinter(format, wanted, color.palette)
    var search = OutputSearch(request, query)
    try search.goOn(in: session) { record, event in
      printer.print(record, event)
      return true
    }
    let outcome = search.outcome
    printer.output.flush()
    if outcome.removed > 0 {
      let runs = CountText.of(outcome.removed, "run")
      StandardError.say("retention has dropped the output of \(runs): not searched")
    }
    if outcome.damaged > 0 || outcome.gaveUp > 0 { throw ExitCode(2) }
    if outcome.lines == 0 { throw ExitCode(1) }
  }

  private var wanted: HitPrinter.Wanted {
    count ? .counts : listsRuns ? .names : showsMatchesOnly ? .matches : .lines
  }

  private func request() throws -> SearchRequest {
    let pattern = isLiteral ? RegularExpression.literal(expression) : expression
    var request: SearchRequest
    do throws(RegularExpression.Refusal) {
      request = SearchRequest(try RegularExpression(pattern, ignoresCase ? [.caseless] : []))
    } catch {
      throw Failure.usage(
        "\(expression): \(error.reason), at character \(error.offset); with -F it is a text")
    }
    request.stream = streams.only
    request.isInverted = isInverted
    request.maximum = listsRuns ? 1 : maximum
    request.countsOnly = count || listsRuns
    if !showsMatchesOnly, !request.countsOnly {
      (request.before, request.after) = (before ?? around ?? 0, after ?? around ?? 0)
    }
    request.wantsAllMatches = showsMatchesOnly || format == .jsonl
    request.wantsMatches = request.wantsAllMatches || (color.palette.isColored && !isInverted)
    return request
  }
}
