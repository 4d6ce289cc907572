internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Glibc
internal import Ledger
internal import Linux
internal import Maintenance
internal import Presentation
internal import Projections

struct LedgerVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check that the ledger is whole and nothing in it was rewritten.",
    discussion: """
      Reads every event and all output: positions without gaps, the chain of digests, each piece of output against its \
      digest, the order and states of each run, and the read models against the events. Jobs may run meanwhile; what they \
      append after the start is not looked at.

        taro ledger verify
        taro ledger verify --against "$(cat /media/usb/head)"

      0 good, 65 damaged.
      """)

  @Option(
    help: ArgumentHelp(
      "What ledger head printed once: that nothing up to there was rewritten.",
      valueName: "digest@seq"))
  var against: String?

  @Option(name: .shortAndLong, help: "text or json.")
  var format = ReportFormat.text

  @OptionGroup var ledger: LedgerOption

  /// The most problems that are named; all are counted.
  private static let limit = 100

  private func kept() throws -> ChainPosition? {
    guard let against else { return nil }
    guard let position = ChainPosition(against) else {
      throw Failure.usage(
        "--against takes what ledger head printed, 64 hexadecimal digits, @ and a position; not "
          + PrintableText.escaped(against))
    }
    return position
  }

  func validate() throws {
    do { _ = try kept() } catch let failure as Failure { throw ValidationError(failure.message) }
  }

  func run() throws {
    let directory = try ledger.directory()
    let bar = ProgressBar("verifying")
    var report = try LedgerVerification.run(
      directory, against: try kept(), limit: Self.limit, progress: bar.show)
    let projections = try compareProjections(directory, &report)
    bar.clear()
    var readModels = VerificationText.ReadModels.differ
    var position: Seq?
    switch projections {
    case .equal(let upTo): (readModels, position) = (.agree(upTo: upTo), upTo)
    case .different: break
    case .none(let reason): readModels = .notCompared(reason)
    }
    let document = VerificationDocument(report, directory, projections: position)
    let output = StandardOutput()
    switch format {
    case .text:
      let text = VerificationText(
        document, readModels, powerCut: report.powerCut?.description,
        refusedSpools: SpoolFiles.refused(directory).count,
        refusedRemedy: "see taro ledger info", keptIsDropped: report.keptIsDropped)
      for line in text.lines { output.write("\(line)\n") }
    case .json: output.write(pretty: document.json)
    }
    output.flush()
    guard report.isGood else { throw ExitCode(EX_DATAERR) }
  }

  /// Compares the projections of a good ledger: what a damaged one makes of them says nothing.
  private func compareProjections(
    _ directory: LedgerDirectory, _ report: inout VerificationReport
  ) throws -> ProjectionComparison.Outcome {
    guard report.isGood else { return .none("the ledger has to be good first") }
    let reader = try LedgerReader(directory)
    guard !reader.isCopy else { return .none("nothing is kept beside a copy") }
    let bar = ProgressBar("comparing")
    defer { bar.clear() }
    let outcome = try ProjectionComparison.run(reader, limit: Self.limit, progress: bar.show)
    if case .different(let problems) = outcome { report.add(problems) }
    return outcome
  }
}
