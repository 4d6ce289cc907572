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

      0 found, 1 not found, 2 something could not be searched: damaged, given up, or a name that nothing has; stderr \
      says what.
      """)

  @Argument(help: ArgumentHelp("What is looked for.", valueName: "regex"))
  var expression: String

  @Argument(help: ArgumentHelp("Only in instances that match.", valueName: "pattern"))
  var patterns: [Pattern] = []

  @OptionGroup var search: SearchOptions
  @OptionGroup var streams: StreamOptions
  @OptionGroup var history: HistoryOptions

  @Option(name: .shortAndLong, help: "text or jsonl.")
  var format = EventFormat.text

  @OptionGroup var ledger: LongLedgerOption
  @OptionGroup var color: ColorOption

  func run() throws {
    let request = try request()
    let filter = try history.filter(now: .now)
    guard let session = try ledger.option.view() else { throw ExitCode(1) }
    var query = InstanceQuery(try asked(in: session), filter)
    query.include = .all
    let printer = HitPrinter(format, search.wanted, color.palette)
    var finding = OutputSearch(request, query)
    try finding.goOn(in: session) { record, event in
      printer.print(record, event)
      return true
    }
    let outcome = finding.outcome
    printer.output.flush()
    if outcome.removed > 0 {
      let runs = CountText.of(outcome.removed, "run")
      StandardError.say("retention has dropped the output of \(runs): not searched")
    }
    if outcome.damaged > 0 || outcome.gaveUp > 0 { throw ExitCode(2) }
    if outcome.lines == 0 { throw ExitCode(1) }
  }

  /// 1 would say that it was not found.
  private func asked(in session: LedgerSession) throws -> [Pattern] {
    do { return try session.asked(patterns) } catch let error as LedgerSession.NameError {
      ErrorReport.end(error, 2)
    } catch let failure as Failure { throw Failure(failure.message, code: 2) }
  }

  private func request() throws -> SearchRequest {
    let pattern = search.isLiteral ? RegularExpression.literal(expression) : expression
    var request: SearchRequest
    do throws(RegularExpression.Refusal) {
      request = SearchRequest(
        try RegularExpression(pattern, search.ignoresCase ? [.caseless] : []))
    } catch {
      throw Failure.usage(
        "\(expression): \(error.reason), at character \(error.offset); with -F it is a text")
    }
    request.stream = streams.only
    request.isInverted = search.isInverted
    request.maximum = search.wanted == .names ? 1 : search.maximum
    request.countsOnly = search.wanted.isSummary
    (request.before, request.after) = (search.linesBefore, search.linesAfter)
    request.wantsAllMatches = search.wanted == .matches || format == .jsonl
    request.wantsMatches =
      request.wantsAllMatches || (color.palette.isColored && !search.isInverted)
    return request
  }
}
