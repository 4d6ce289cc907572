internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Ledger
internal import Linux
internal import Presentation
internal import Projections

struct Release: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release",
    abstract: "Release the instances that wait for a latch.",
    discussion: """
      Who waits now goes on; who comes later waits again, unless the latch is held open.

        taro exec --pending disk-mounted ./backup.sh     waits
        taro release disk-mounted                        it goes on
        taro release --hold-open disk-mounted            so does whoever comes later
        taro release disk-mounted                        no longer

      0 released, or held open; 1 nobody waits for it.
      """)

  @Argument(
    help: ArgumentHelp("The latches.", valueName: "latch"), completion: .awaitedLatches)
  var latches: [String]

  @Flag(
    name: .customLong("hold-open"),
    help: "Let whoever comes later pass too, until the latch is released without this.")
  var holdsOpen = false

  @Option(help: "Why, for the record.")
  var reason: String?

  @OptionGroup var ledger: LedgerOption
  @OptionGroup var color: ColorOption

  func validate() throws {
    guard latches.contains("") else { return }
    throw ValidationError("A latch has a name: the one given to exec --pending.")
  }

  func run() throws {
    // A latch may be opened before anything has been run.
    let view = try ledger.viewMakingLedger()
    let writer = try view.openWriter()
    var released: [InstanceRecord] = []
    for latch in latches { released += try release(latch, view, writer) }
    guard !released.isEmpty else {
      guard !holdsOpen else { return }
      let names = latches.map(PrintableText.escaped).joined(separator: ", ")
      throw Failure("nobody waits for \(names); taro ps shows who waits for what")
    }
    let palette = color.palette
    let output = StandardOutput()
    output.write("Released:\n")
    for record in released {
      let name = palette.paint(
        job: PrintableText.escaped(record.job), instance: record.instance.text)
      output.write("\(name)\n")
    }
    output.flush()
  }

  /// Who is released is decided in the turn that says so: nobody who begins to wait then is missed or promised.
  private func release(
    _ latch: String, _ view: LedgerView, _ writer: LedgerWriter
  ) throws(LedgerError) -> [InstanceRecord] {
    var live = try LiveInstances(view.projections)
    let data = Released(latch: latch, holdsOpen: holdsOpen, by: .thisProcess(reason: reason)).json
    try writer.turn(durable: true) { turn throws(LedgerError) in
      try live.catchUp(writer.reader)
      try turn.append(
        NewEvent(
          at: Clock.wallMicroseconds(), mono: Clock.bootMicroseconds(), job: nil, instance: nil,
          kind: .released, data: data))
    }
    let waiting = live.all.map(\.record).filter {
      $0.state == .pending && $0.waitCause?.latch == latch
    }
    var untold: LedgerError?
    for record in waiting {
      guard let failure = try RunFiles.ring(record.instance, reading: writer.reader) else {
        continue
      }
      untold = .untold(name: record.name, reason: failure)
    }
    if let untold { throw untold }
    return waiting
  }
}
