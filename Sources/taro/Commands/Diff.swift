internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Linux
internal import Operations
internal import Presentation
internal import Projections

struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compare two runs: what they were, how they ended, what they printed.",
    discussion: """
        taro diff backup             its last failure with the last good run before it
        taro diff 06rv               that run with the last good one of its job before it
        taro diff 06rv 06s0 --word

      Lines are compared without what is another in every run: times, dates, durations, ids, addresses of memory, \
      process ids, names of temporary files. --exact compares every byte. stdout and stderr are compared by themselves \
      where both runs have two streams. How long a run took and what it used is shown, and makes no difference.

      0 the same, 1 different, 2 that cannot be told: there are no such two runs, or their output is damaged or dropped.
      """)

  @Argument(
    help: ArgumentHelp(
      "A job id, a job@instance or the beginning of an instance id.", valueName: "run"),
    completion: .instances)
  var first: String

  @Argument(
    help: ArgumentHelp("What it is compared with.", valueName: "other"), completion: .instances)
  var second: String?

  @Flag(help: "Compare every byte.")
  var exact = false

  @Flag(help: "Mark in lines what differs.")
  var word = false

  @Option(
    name: [.customShort("U", allowingJoined: true), .customLong("unified")],
    parsing: .unconditional,
    help: ArgumentHelp("So many lines around each difference.", valueName: "n"))
  var context = 3

  @Option(
    name: .customLong("max-lines"), parsing: .unconditional,
    help: ArgumentHelp("Compare so many lines of each and no more.", valueName: "n"))
  var maximumLines = 2_000_000

  @Option(name: .shortAndLong, help: "text or json.")
  var format = ReportFormat.text

  @OptionGroup var streams: StreamOptions
  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func validate() throws {
    if !(0...10_000).contains(context) {
      throw ValidationError("-U \(context): has to be 0 to 10000.")
    }
    if !(1...100_000_000).contains(maximumLines) {
      throw ValidationError("--max-lines \(maximumLines): has to be 1 to 100000000.")
    }
  }

  func run() throws {
    do { try compare() } catch let error as LedgerSession.NameError {
      // 1 says that they differ.
      ErrorReport.end(error, 2)
    } catch let refusal as ComparisonChoice.Refusal { throw Self.failure(refusal) }
  }

  private func compare() throws {
    guard let session = try ledger.view() else { throw LedgerSession.NameError.nothing(first) }
    let choice =
      try second.map { try ComparisonChoice(first, $0, in: session) }
      ?? ComparisonChoice(first, in: session)
    switch format {
    case .text: try printText(choice, session)
    case .json: try printDocument(choice, session)
    }
  }

  private var request: OutputComparison.Request {
    var request = OutputComparison.Request()
    request.stream = streams.only
    request.isExact = exact
    request.context = context
    request.maximumLines = maximumLines
    request.marksWords = word
    return request
  }

  private func printDocument(_ choice: ComparisonChoice, _ session: LedgerSession) throws {
    let document = try ComparisonReport(choice, request).document(in: session, bootNow: .now)
    let output = StandardOutput()
    output.write(json: document.json)
    output.flush()
    if document.differs { throw ExitCode(1) }
    if !document.missing.isEmpty { throw ExitCode(2) }
  }

  private func printText(_ choice: ComparisonChoice, _ session: LedgerSession) throws {
    let now = BootTime.now
    let documents = [choice.old, choice.new].map { InstanceDocument($0, bootNow: now) }
    let comparison = InstanceComparison(documents[0], documents[1])
    let (output, palette) = (StandardOutput(), color.palette)
    var printer = ComparisonPrinter(choice, to: output, palette)
    var hasHeading = false
    func head() {
      if !hasHeading { output.write(ComparisonText(palette).heading(documents[0], documents[1])) }
      hasHeading = true
    }
    if comparison.differs { head() }
    let differs = try OutputComparison(request, in: session).run(choice.old, choice.new) { item in
      if case .stream = item {
        head()
        output.write("\n")
      }
      return printer.print(item)
    }
    output.flush()
    if differs || comparison.differs { throw ExitCode(1) }
    if printer.isIncomplete { throw ExitCode(2) }
  }

  private static func failure(_ refusal: ComparisonChoice.Refusal) -> Failure {
    switch refusal {
    case .noFailure(let job):
      Failure("no run of \(job) has failed; name two runs to compare them", code: 2)
    case .noneBefore(let name):
      Failure(
        "no run of its job has completed before \(name); name two runs to compare them", code: 2)
    }
  }
}
