internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Fleet
internal import Linux
internal import Presentation

struct Hosts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hosts",
    abstract: "Show which hosts are configured, and with --check who answers.",
    discussion: """
        taroc hosts
        taroc hosts --check -g web

      With --check 0 all have answered, 1 some, 2 none.
      """)

  @Flag(help: "Ask each host who it is.")
  var check = false

  @Option(name: .shortAndLong, help: "table, json or jsonl.")
  var format = OutputFormat.table

  @OptionGroup(title: "Hosts") var fleet: FleetOptions
  @OptionGroup var color: ColorOption

  /// A host, and what it has answered.
  struct Row: Sendable {
    var host: FleetHost
    var answer: Answer?
  }

  enum Answer: Sendable {
    case version(AnswerProtocol, microseconds: Int64)
    case failure(HostFailure)
  }

  func run() throws {
    let targets = try fleet.targets()
    var rows = targets.hosts.map { Row(host: $0) }
    let report = FleetReport(targets.hosts)
    if check { try ask(targets, &rows, report) }
    let table = Table(
      Self.columns(isChecked: check), terminalColumns: Terminal.columns(1), palette: color.palette,
      rowTone: { if case .failure = $0.answer { .failure } else { nil } })
    var listing = Listing(
      format, "hosts", to: StandardOutput(), table: table, document: Self.document)
    for row in rows { listing.append(row) }
    listing.finish()
    try report.end()
  }

  private func ask(
    _ targets: FleetOptions.Targets, _ rows: inout [Row], _ report: FleetReport
  ) throws {
    let fan = FanOut(targets.hosts, targets.settings) { _ in .version }
    var answers: [Int: Answer] = [:]
    var texts: [Int: [UInt8]] = [:]
    var started: [Int: MonotonicTime] = [:]
    fan.starting = { started[$0] = .now }
    try fan.run { host, happening in
      switch happening {
      case .begun(let said, _):
        let elapsed = MonotonicTime.now - (started[host] ?? .now)
        answers[host] = .version(
          said ?? AnswerProtocol(number: 0, version: ""), microseconds: elapsed)
      case .bytes(_, let bytes): texts[host, default: []] += bytes
      case .line(let line):
        let said = try AnswerDocument.read(line, AnswerProtocol.init)
        if case .version(_, let elapsed) = answers[host] {
          answers[host] = .version(said, microseconds: elapsed)
        }
      case .ended(let outcome, let errors, let more):
        guard report.take(host, outcome, errors: errors, more: more) else {
          let failure = outcome.failure ?? HostFailure(.answer, errors.last ?? "")
          return answers[host] = .failure(failure)
        }
        // One that does not tell its protocol tells its version.
        guard case .version(var said, let elapsed) = answers[host], said.version.isEmpty else {
          return
        }
        let text = String(decoding: texts[host] ?? [], as: UTF8.self)
        said.version = text.split(whereSeparator: \.isWhitespace).last.map(String.init) ?? "unknown"
        answers[host] = .version(said, microseconds: elapsed)
      }
    }
    for index in rows.indices { rows[index].answer = answers[index] }
  }

  private static func columns(isChecked: Bool) -> [TableColumn<Row>] {
    var columns = [
      TableColumn<Row>("HOST", maximumWidth: 32, tone: { _ in .jobID }) { $0.host.name },
      TableColumn<Row>("ADDRESS", maximumWidth: 48) { $0.host.place },
      TableColumn<Row>("GROUPS", maximumWidth: 30) { $0.host.groups.joined(separator: ", ") },
      TableColumn<Row>("LABELS", maximumWidth: 40) { row in
        row.host.labels.map { "\($0.key)=\($0.value.string ?? "")" }.joined(separator: ", ")
      },
    ]
    guard isChecked else { return columns }
    columns += [
      TableColumn<Row>("VERSION", maximumWidth: 14) { row in
        if case .version(let said, _) = row.answer { said.version } else { "" }
      },
      TableColumn<Row>("TIME", maximumWidth: 12) { row in
        if case .version(_, let time) = row.answer { DurationText.short(time) } else { "" }
      },
      TableColumn<Row>("ANSWER", maximumWidth: 80) { row in
        switch row.answer {
        case .version: "yes"
        case .failure(let failure): "\(failure.stepName): \(failure.reason)"
        case nil: ""
        }
      },
    ]
    return columns
  }

  /// docs/fleet.md has its fields.
  private static func document(_ row: Row) -> JSON {
    var (user, port): (JSON, JSON) = (.null, .null)
    var (address, url): (JSON, JSON) = (.null, .null)
    switch row.host.way {
    case .ssh(let place):
      address = .string(place.host)
      user = place.user.map { .string($0) } ?? .null
      port = place.port.map { .integer(Int64($0)) } ?? .null
    case .rest(let place): url = .string(place.url)
    }
    var answers: JSON = .null
    var (version, number, seconds): (JSON, JSON, JSON) = (.null, .null, .null)
    var (step, problem): (JSON, JSON) = (.null, .null)
    switch row.answer {
    case .version(let said, let time):
      answers = true
      version = .string(said.version)
      number = .integer(said.number)
      seconds = .number(Double(time) / 1_000_000)
    case .failure(let failure):
      answers = false
      step = .string(failure.stepName)
      problem = .string(failure.reason)
    case nil: break
    }
    return .object(
      [
        ("host", .string(row.host.name)), ("address", address), ("user", user), ("port", port),
        ("url", url), ("groups", .strings(row.host.groups)), ("labels", .object(row.host.labels)),
        ("answers", answers), ("version", version), ("protocol", number), ("seconds", seconds),
        ("step", step), ("problem", problem),
      ].map { JSON.Member($0, $1) })
  }
}
