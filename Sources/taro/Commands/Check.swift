internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Ledger
internal import Linux
internal import Operations
internal import Presentation
internal import Projections

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Say what is not well now, for people and monitoring.",
    discussion: """
      Jobs whose newest runs have failed or were lost, jobs that have not run when taro expect says that they have to, \
      runs that go on for too long or say nothing, jobs that have been disabled for long; and without a pattern the \
      ledger: damaged, waiting spools, a disk that is nearly full, changes that nobody could be told. The worst comes \
      first.

        taro check
        taro check 'backup*'
        taro check -f nagios
        taro check -f prometheus -o /var/lib/prometheus/node-exporter/taro.prom

      0 all well, 1 warning, 2 critical, 3 nothing can be said: there is no ledger, it cannot be read, or no job \
      matches. Wrong options give 64.
      """)

  @Argument(help: ArgumentHelp("Only jobs that match.", valueName: "pattern"), completion: .jobs)
  var patterns: [Pattern] = []

  @Option(name: .shortAndLong, help: "text, nagios, json or prometheus.")
  var format = CheckFormat.text

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write it to a file, whole or not at all, that others may read; its directory has to be there.",
      valueName: "file"),
    completion: .file())
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Forget the failures of jobs that have not run for so long, unless they are expected; 31d without.",
      valueName: "d"))
  var within: String?

  @Option(
    name: .customLong("disabled-for"),
    help: ArgumentHelp(
      "Tell of jobs that have been disabled for longer; 7d without.", valueName: "d"))
  var disabledFor: String?

  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func run() throws {
    var choice = LedgerCheck.Choice()
    choice.patterns = patterns
    if let within = try OptionValue.duration(within, "--within") { choice.within = within }
    if let length = try OptionValue.duration(disabledFor, "--disabled-for") {
      choice.disabledFor = length
    }
    let directory = try ledger.directory()
    let check = document(directory, choice)
    try write(check)
    throw ExitCode(check.status.code)
  }

  /// Looks. Whatever keeps it from looking is what it tells: whoever watches the answer sees that too.
  private func document(
    _ directory: LedgerDirectory, _ choice: LedgerCheck.Choice
  ) -> CheckDocument {
    do throws(LedgerError) {
      // What is to be noticed of the ledger stands in the answer.
      let session = try LedgerSession.open(directory, notify: { _ in })
      return try LedgerCheck.answer(session, of: directory, choice)
    } catch {
      return LedgerCheck.answer(about: error, of: directory, reason: ErrorText.of(error))
    }
  }

  private func write(_ check: CheckDocument) throws {
    let text: PrintableText =
      switch format {
      case .text: report(check)
      case .nagios:
        PrintableText(
          verbatim: CheckText.nagios(check, name: Taro._commandName.uppercased()).map {
            PrintableText.escaped($0) + "\n"
          }
          .joined())
      case .json: PrintableText(verbatim: check.json.prettyText + "\n")
      case .prometheus: PrintableText(verbatim: CheckText.prometheus(check))
      }
    guard let path = output else {
      let output = StandardOutput()
      output.write(text)
      output.flush()
      return
    }
    do throws(ReplacedFile.Refusal) { try ReplacedFile.write(text.text, to: path) } catch {
      throw Failure(error.description, code: 3)
    }
  }

  private func report(_ check: CheckDocument) -> PrintableText {
    var text: PrintableText = ""
    for finding in check.findings {
      let status = finding.status.rawValue.uppercased()
      let tone: StateTone = finding.status == .critical ? .failure : .notCompleted
      let padding = String(repeating: " ", count: max(1, 10 - status.count))
      let painted = color.palette.paint(status, .state(tone))
      text += "\(painted)\(padding)\(CheckText.sentence(finding))\n"
    }
    return text + "\(CheckText.summary(check))\n"
  }
}

enum CheckFormat: String, ExpressibleByArgument, CaseIterable {
  case text, nagios, json, prometheus
}
