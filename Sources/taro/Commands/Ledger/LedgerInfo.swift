internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Ledger
internal import Linux
internal import Maintenance
internal import Operations
internal import Presentation
internal import Projections

struct LedgerInfo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Tell where the ledger is, what is in it and how large it is.",
    discussion: """
        taro ledger info
        taro ledger info -f json
      """)

  @Option(name: .shortAndLong, help: "text or json.")
  var format = ReportFormat.text

  @OptionGroup var ledger: LedgerOption

  func run() throws {
    let directory = try ledger.directory()
    // The view closes runs that were lost: they count as ended.
    guard let view = try ledger.view(of: directory) else {
      if SpooledInstances(of: directory, countsLive: true).count > 0 {
        throw Failure("there is no ledger in \(PrintableText.escaped(directory.path))")
      }
      throw LedgerError.missing(path: directory.path)
    }
    let counts = try Self.counts(view)
    let facts = try LedgerFacts(view.reader)
    let output = StandardOutput()
    switch format {
    case .text:
      for (name, value) in Self.lines(facts, counts) {
        let padding = String(repeating: " ", count: max(1, 14 - name.utf8.count))
        output.write("\(name)\(padding)\(value)\n")
      }
    case .json:
      let document = LedgerDocument(facts, live: counts.live, ended: counts.ended)
      output.write(pretty: document.json)
    }
    output.flush()
  }

  private struct Counts {
    var live: Int64
    var ended: Int64
    /// Instances that nobody runs, which could not be recorded.
    var unclosed: Int64
  }

  private static func counts(_ view: LedgerSession) throws -> Counts {
    let counts = try view.projections.instanceCounts()
    let gone = try view.projections.created(InstanceQuery(.live)).filter { live in
      if case .gone = RunFiles.life(of: live.instance, in: view.directory) { true } else { false }
    }
    let unclosed = Int64(gone.count)
    return Counts(live: counts.live - unclosed, ended: counts.ended, unclosed: unclosed)
  }

  private static func unclosed(_ count: Int64) -> String {
    count == 0 ? "" : ", \(count) whose end is not recorded yet"
  }

  /// Runs are kept for ever unless retention says otherwise.
  private static func growth(_ facts: LedgerFacts, _ counts: Counts) -> String? {
    // Of fewer runs the files as such are most of it.
    guard counts.live + counts.ended >= 100 else { return nil }
    return GrowthText.line(
      bytes: facts.databaseBytes + facts.walBytes - facts.freePages * facts.pageBytes
        + facts.projectionsBytes,
      runs: counts.live + counts.ended,
      time: facts.firstAt.flatMap { first in facts.lastAt.map { $0 - first } } ?? 0,
      room: Int64(clamping: FreeSpace.bytes(in: facts.directory)))
  }

  private static func lines(_ facts: LedgerFacts, _ counts: Counts) -> [(String, String)] {
    var lines = [
      ("ledger", facts.directory), ("id", facts.ledgerID), ("format", "\(facts.format)"),
      ("created", TimeFormat.local(facts.createdAt)),
      ("writable", facts.writingProblem.map { "no: \($0)" } ?? "yes"),
      ("head", facts.head.description),
      (
        "events",
        "\(facts.events)" + (facts.dropped > 0 ? ", and \(facts.dropped) dropped by retention" : "")
      ),
      ("first event", TimeFormat.local(facts.firstAt)),
      ("last event", TimeFormat.local(facts.lastAt)),
      ("kinds", facts.kinds.map { "\($0.count) \($0.name)" }.joined(separator: ", ")),
      ("instances", "\(counts.live) live, \(counts.ended) ended" + Self.unclosed(counts.unclosed)),
      (
        "output",
        "\(TimeFormat.bytes(facts.outputBytes)) in \(CountText.of(facts.chunks, "piece")), "
          + "\(TimeFormat.bytes(facts.storedBytes)) as stored"
      ),
      (
        "files",
        "\(TimeFormat.bytes(facts.databaseBytes)) database, \(TimeFormat.bytes(facts.walBytes)) WAL, "
          + "\(TimeFormat.bytes(facts.projectionsBytes)) read models"
      ),
      ("free", "\(TimeFormat.bytes(facts.freePages * facts.pageBytes)) inside the database"),
    ]
    if let growth = growth(facts, counts) { lines.append(("growth", growth)) }
    lines.append(("sqlite", facts.sqliteVersion))
    lines += facts.sealed.map { ("sealed", "\(facts.directory)/\($0)") }
    if facts.spooled.count > 0 { lines.append(("spooled", LedgerNotices.text(facts.spooled))) }
    lines += facts.refusedSpools.map { ("refused", $0) }
    return lines
  }
}
