internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Ledger
internal import Linux
internal import Operations
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
    // Somebody may open a latch before anything has been run.
    let session = try ledger.viewMakingLedger()
    var released: [LiveInstances.Member] = []
    var firstError: LedgerError?
    for latch in latches {
      let release = try LatchRelease(
        latch, holdsOpen: holdsOpen, by: .thisProcess(reason: reason), in: session)
      released += release.released
      firstError = firstError ?? release.firstError
    }
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
        job: record.job, instance: record.instance.text)
      output.write("\(name)\n")
    }
    output.flush()
    if let firstError { throw firstError }
  }
}
