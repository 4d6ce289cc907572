internal import ArgumentParser
internal import CommandLineKit
internal import Documents
internal import Events
internal import Fleet
internal import Linux
internal import Presentation

/// A request to many hosts: shown and asked once, then made.
struct FleetRequest {
  let targets: FleetOptions.Targets
  let palette: Palette
  let isForced: Bool

  /// Shows what would be done, and asks.
  /// - Parameter question: `stop them`
  func confirm(_ plan: PrintableText, _ question: String) throws {
    guard !isForced else { return }
    let output = StandardOutput()
    output.write(plan)
    try Confirmation.ask(
      "Do you want to \(question)?", on: output, remedy: "use --force to do it without asking")
  }

  /// The rows as `stop` shows them.
  func table(_ rows: [(host: Int, document: InstanceDocument)]) -> PrintableText {
    Table.text(
      rows.map { Hosted(targets.hosts[$0.host].name, $0.document) },
      HostedTable.columns(InstanceTable.stoppable(now: .now)), terminalColumns: Terminal.columns(1),
      palette: palette)
  }

  /// Makes it on these hosts, prints what each says of it, and ends the command where it has not been done everywhere.
  /// - Parameter former: of the hosts that were asked before.
  func make(
    _ askings: [(host: Int, asking: Asking)], after former: FleetReport? = nil
  ) throws {
    let hosts = askings.map { targets.hosts[$0.host] }
    let printer = HostPrinter(hosts, palette, alwaysNames: true)
    let report = FleetReport(hosts, answers: [1, 77, Failure.timedOutCode])
    var codes: Set<Int32> = []
    let fan = FanOut(hosts, targets.settings) { askings[$0].asking }
    fan.woken = { printer.output.flush() }
    try fan.run { host, happening in
      switch happening {
      case .line(let line): printer.write("\(String(decoding: line, as: UTF8.self))\n", of: host)
      case .ended(let outcome, let errors, let more):
        report.take(host, outcome, errors: errors, more: more)
        if case .answered(let code) = outcome { codes.insert(code) }
      case .begun, .bytes: break
      }
    }
    printer.output.flush()
    // What could not be done at all goes before what was not done in time.
    for code: Int32 in [77, 1, Failure.timedOutCode] where codes.contains(code) {
      throw ExitCode(code)
    }
    try report.end()
    try former?.end()
  }
}
