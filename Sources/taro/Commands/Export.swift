internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Linux
internal import Operations
internal import Projections
internal import Settings

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write runs down for other programs.",
    discussion: """
        taro export -f jsonl > events.jsonl
        taro export backup -f csv -S yesterday -o backup.csv
        taro export -f junit -T --failed -o failures.xml
        taro export 06rv -f asciicast -o run.cast

      jsonl: every event, a document a line. cloudevents: the same as a batch of CloudEvents 1.0. csv: a row a run. \
      junit: a suite a job, for what shows test results. otlp-json: a trace a run and its output as log records, for \
      OpenTelemetry. asciicast: the output of one run with its timing, for asciinema 3.0 and later; asciicast-v2 for \
      earlier ones.

      csv, junit and otlp-json tell of runs that have ended; jsonl and cloudevents, where nothing in particular is asked \
      for, of everything in the ledger.
      """)

  @Argument(help: ArgumentHelp("Only instances that match.", valueName: "pattern"))
  var patterns: [Pattern] = []

  @Option(
    name: .shortAndLong,
    help: "jsonl, csv, asciicast, asciicast-v2, cloudevents, otlp-json or junit.")
  var format: ExportFormat

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The file to make, instead of stdout; it may not be there yet.", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup var history: HistoryOptions
  @OptionGroup var ledger: LedgerOption

  func validate() throws {
    if output?.isEmpty ?? false { throw ValidationError("-o is empty; name a file") }
    guard format.isOfOneRun else { return }
    guard patterns.count == 1, try history.filter(now: .epoch) == HistoryFilter() else {
      throw ValidationError("-f \(format.rawValue) is of one run: name it, and nothing else")
    }
  }

  func run() throws {
    let filter = try history.filter(now: .now)
    let view = try ledger.view()
    guard let output else {
      let out = StandardOutput()
      unsafe try write(view, filter) { unsafe out.write($0) }
      out.flush()
      return
    }
    let file = try NewFile.begin(output)
    let fd = file.fd
    unsafe try write(view, filter) { bytes throws in
      do throws(SystemCallError) {
        try unsafe RawIO.writeAll(fd, bytes)
      } catch { throw SystemCallError(error.call, output, error.errno) }
    }
    try file.publish()
  }

  private func write(
    _ view: LedgerSession?, _ filter: HistoryFilter, to give: @escaping RunExport.Give
  ) throws {
    if format.isOfOneRun, let name = patterns.first?.text {
      guard let view else { throw LedgerSession.NameError.nothing(name) }
      return unsafe try RunExport.write(try view.run(named: name), format, in: view, to: give)
    }
    guard let view else { return unsafe try RunExport.writeNothing(format, to: give) }
    var query = InstanceQuery(try view.asked(patterns), filter)
    if format.isOfEvents { query.include = .all }
    let isOfAll = format.isOfEvents && patterns.isEmpty && filter == HistoryFilter()
    unsafe try RunExport(query, isOfAll: isOfAll, in: view, version: Taro.version).write(
      format, to: give)
  }
}

extension ExportFormat: ExpressibleByArgument {}
